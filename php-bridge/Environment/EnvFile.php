<?php

declare(strict_types=1);

namespace Revurb\Environment;

use Dotenv\Exception\InvalidFileException;
use Dotenv\Parser\Parser;

/**
 * The text of one .env file and the variables that its lines define. phpdotenv parses the lines; their numbers, which it does not keep, are
 * counted here.
 */
final readonly class EnvFile
{
    private const BYTE_ORDER_MARK = "\xEF\xBB\xBF";

    /** The text without a byte order mark. */
    public string $text;

    /** @var list<Definition> in the order of the file */
    public array $definitions;

    /** The first line that phpdotenv rejects. */
    public ?EnvFault $fault;

    /** @param  string  $name  by which it is shown */
    public function __construct(string $text, public string $name = '.env')
    {
        $this->text = str_starts_with($text, self::BYTE_ORDER_MARK) ? substr($text, strlen(self::BYTE_ORDER_MARK)) : $text;
        [$this->definitions, $this->fault] = self::parse(self::lines($this->text));
    }

    /** The definition of a variable. Of several the last one counts, for Laravel and for Vite. */
    public function definition(string $name): ?Definition
    {
        foreach (array_reverse($this->definitions) as $definition) {
            if ($definition->name === $name) {
                return $definition;
            }
        }

        return null;
    }

    /**
     * The file with another value in the line that counts, or with a new line at its end. A comment after the value is kept.
     *
     * @param  string  $written  as it is to stand in the file: see `EnvValue::quoted()`
     */
    public function with(string $name, string $written): self
    {
        $end = $this->lineEnd();
        $definition = $this->definition($name);

        if ($definition === null) {
            $above = $this->text === '' || str_ends_with($this->text, "\n") ? $this->text : $this->text.$end;

            return new self("{$above}{$name}={$written}{$end}", $this->name);
        }

        $parts = preg_split('/(\r\n|\n|\r)/', $this->text, flags: PREG_SPLIT_DELIM_CAPTURE) ?: [];
        $first = ($definition->line - 1) * 2;
        $export = preg_match('/^\s*export\s+/', $parts[$first], $prefix) === 1 ? $prefix[0] : '';
        array_splice($parts, $first, ($definition->lastLine - $definition->line) * 2 + 1, ["{$export}{$name}={$written}".self::comment($parts[$first])]);

        return new self(implode('', $parts), $this->name);
    }

    /**
     * The file with new lines at its end, after an empty one.
     *
     * @param  array<string, string>  $lines  by name, as they are to stand in the file
     */
    public function withBlock(array $lines): self
    {
        $end = $this->lineEnd();
        $above = rtrim($this->text);
        $block = array_map(static fn (string $name, string $written): string => "{$name}={$written}{$end}", array_keys($lines), $lines);

        return $lines === [] ? $this : new self(($above === '' ? '' : $above.$end.$end).implode('', $block), $this->name);
    }

    private function lineEnd(): string
    {
        return str_contains($this->text, "\r\n") ? "\r\n" : "\n";
    }

    /** The comment after the value, with the blanks before it. */
    private static function comment(string $line): string
    {
        return preg_match('/^[^=]*=\s*(?:"(?:\\\\.|[^"\\\\])*"|\'[^\']*\'|[^\s#"\']*)(\s+#.*)$/', $line, $found) === 1 ? $found[1] : '';
    }

    /** @return list<string> */
    private static function lines(string $text): array
    {
        return preg_split('/\r\n|\n|\r/', $text) ?: [];
    }

    /**
     * @param  list<string>  $lines
     * @return array{list<Definition>, EnvFault|null}
     */
    private static function parse(array $lines): array
    {
        $parser = new Parser;
        $definitions = [];
        $fault = null;

        for ($i = 0; $i < count($lines); $i++) {
            $first = $i;
            $text = $lines[$i];

            while (self::isOpen($text) && isset($lines[$i + 1])) {
                $text .= "\n".$lines[++$i];
            }

            try {
                foreach ($parser->parse($text) as $entry) {
                    $definitions[] = new Definition($entry->getName(), $entry->getValue()->getOrElse(null), $first + 1, $i + 1);
                }
            } catch (InvalidFileException $exception) {
                $fault ??= new EnvFault($first + 1, self::reason($exception));
            }
        }

        return [$definitions, $fault];
    }

    /**
     * Whether the value continues in the next line, by the rule of `Dotenv\Parser\Lines`: a line with `="` and no hash before it opens a
     * value, and the next quote without a backslash closes it.
     */
    private static function isOpen(string $text): bool
    {
        [$first] = explode("\n", $text, 2);
        $quote = strpos($first, '="');
        $hash = strpos($first, '#');

        return $quote !== false
            && ($hash === false || $hash > $quote)
            && preg_match_all('/(?<!\\\\)"/', str_replace('\\\\', '', $text)) < 2;
    }

    private static function reason(InvalidFileException $exception): string
    {
        return preg_match('/Encountered (.+?) at \[/s', $exception->getMessage(), $cause) === 1 ? $cause[1] : 'a line that cannot be read';
    }
}
