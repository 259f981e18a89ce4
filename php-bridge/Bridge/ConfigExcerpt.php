<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Generator;

/**
 * Cuts keys out of this package's config/reverb.php with their comments, defaults and variables. The file has one key a line, so that its
 * lines can be read without PHP's grammar.
 */
final readonly class ConfigExcerpt
{
    private const BODY = '/^return \[\n(.*)^\];/ms';

    private const LINE = "~^\s*(?<comment>//)?(?:'(?<key>\w+)' => )?(?<value>.*)$~";

    /** @param  string  $file  the text of it */
    public function __construct(private string $file) {}

    /**
     * The lines to paste into the array of an application's file.
     *
     * @param  list<string>  $paths  of keys, as AddedKeys names them
     */
    public function of(array $paths): string
    {
        $excerpt = [];
        $comments = [];

        foreach ($this->lines() as [$path, $line]) {
            if ($path === null) {
                $comments[] = $line;

                continue;
            }

            if (self::isOrLeadsTo($path, $paths)) {
                $excerpt = [...$excerpt, ...$comments, $line];
            }

            $comments = [];
        }

        return implode("\n", $excerpt);
    }

    /**
     * @param  list<string>  $paths  of keys, as AddedKeys names them
     * @return array<string, string> path → default, in PHP
     */
    public function defaults(array $paths): array
    {
        $defaults = [];

        foreach ($this->lines() as [$path, , $default]) {
            if (in_array($path, $paths, true)) {
                $defaults[$path] = $default;
            }
        }

        return $defaults;
    }

    /** @return Generator<array{string|null, string, string}> path, line and value; of a comment no path */
    private function lines(): Generator
    {
        $group = [];
        preg_match(self::BODY, $this->file, $body);

        foreach (explode("\n", $body[1] ?? '') as $line) {
            if (trim($line) === '' || preg_match(self::LINE, $line, $part) !== 1) {
                continue;
            }

            if ($part['value'] === '[') {
                $group[] = $part['key'] ?: '*';
            }

            yield match (true) {
                $part['comment'] !== '' => [null, $line, ''],
                $part['value'] === '[', $part['value'] === '],' => [implode('.', $group), $line, ''],
                default => [implode('.', [...$group, $part['key']]), $line, rtrim($part['value'], ',')],
            };

            if ($part['value'] === '],') {
                array_pop($group);
            }
        }
    }

    /** @param  list<string>  $paths */
    private static function isOrLeadsTo(string $group, array $paths): bool
    {
        return array_filter($paths, static fn (string $path): bool => str_starts_with("{$path}.", "{$group}.")) !== [];
    }
}
