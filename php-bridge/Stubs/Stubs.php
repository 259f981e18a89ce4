<?php

declare(strict_types=1);

namespace Revurb\Stubs;

/**
 * The deployment files that an application copies: one folder of `stubs/` for each environment.
 */
final readonly class Stubs
{
    public const ALL = 'all';

    /** The stub that depends on files of the application, and so cannot be written for every application. */
    public const SAIL = 'sail';

    /** @return list<string> */
    public function names(): array
    {
        return array_map(basename(...), glob(self::folder().'/*', GLOB_ONLYDIR) ?: []);
    }

    /**
     * @param  string  $chosen  `all`, or names between commas
     * @return list<StubFile>
     *
     * @throws UnknownStub
     */
    public function files(string $chosen = self::ALL): array
    {
        $names = $chosen === self::ALL ? $this->names() : array_filter(array_map(trim(...), explode(',', $chosen)));
        $unknown = array_diff($names, $this->names());

        if ($names === [] || $unknown !== []) {
            throw new UnknownStub(array_values($unknown), $this->names());
        }

        return array_merge(...array_map($this->filesOf(...), array_values(array_unique($names))));
    }

    /** @return list<StubFile> */
    private function filesOf(string $name): array
    {
        return array_map(static fn (string $file): StubFile => new StubFile($name, $file), glob(self::folder()."/{$name}/*") ?: []);
    }

    private static function folder(): string
    {
        return dirname(__DIR__, 2).'/stubs';
    }
}
