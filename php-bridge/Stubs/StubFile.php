<?php

declare(strict_types=1);

namespace Revurb\Stubs;

/**
 * One file of a stub. Its head, the comment at its top, explains how to use it.
 */
final readonly class StubFile
{
    /** The folder below the application's base path, of a name that other packages do not use. */
    private const FOLDER = 'deploy/revurb';

    public function __construct(
        public string $stub,
        public string $source,
    ) {}

    public function target(): string
    {
        return "{$this->folder()}/".basename($this->source);
    }

    /**
     * @param  array<string, string>  $values  AppValues
     */
    public function text(array $values): string
    {
        $values['folder'] = "{$values['app']}/{$this->folder()}";

        return (string) preg_replace_callback(
            '/\{\{ (\w+) \}\}/',
            static fn (array $placeholder): string => $values[$placeholder[1]],
            (string) file_get_contents($this->source),
        );
    }

    /** @return list<string> the lines of a text's head, without their comment signs */
    public static function head(string $text): array
    {
        $head = [];

        foreach (explode("\n", $text) as $line) {
            if (preg_match('/^[#;] ?(.*)$/', $line, $found) !== 1) {
                break;
            }

            $head[] = $found[1];
        }

        return $head;
    }

    private function folder(): string
    {
        return self::FOLDER."/{$this->stub}";
    }
}
