<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * The executables in the folder storage/revurb of the application, which releases of a deployment share.
 */
final readonly class BunStore
{
    private const NOT_EXECUTABLE = 'is not executable';

    public function __construct(
        public string $folder,
        public BunRelease $release,
        private BunTarget $target,
    ) {}

    /** The file of the version that this release is tested with, whether it is there or not; null if there is no Bun for this machine. */
    public function pinned(): ?string
    {
        $target = $this->target->name();

        return $target === null ? null : $this->file($this->release->version, $target);
    }

    /** Why the file of that version cannot be used, as a predicate; null: it is the expected one. Reads the whole file. */
    public function fault(): ?string
    {
        $file = $this->pinned();
        $hash = $file !== null && is_file($file) ? @hash_file('sha512', $file) : null;

        return match (true) {
            $file === null || $hash === null => 'is not there',
            $hash === false => 'cannot be read by this user',
            ! in_array($hash, $this->release->hashes((string) $this->target->name()), true) => 'is damaged: its SHA-512 is not the expected one',
            ! is_executable($file) => self::NOT_EXECUTABLE,
            default => null,
        };
    }

    /** Whether that file can be used. One that was copied there by hand is made executable. */
    public function accept(): bool
    {
        $fault = $this->fault();

        return $fault === null || ($fault === self::NOT_EXECUTABLE && @chmod((string) $this->pinned(), 0755) && $this->fault() === null);
    }

    /** @return list<string> the executables for this machine that are there: the pinned version first, then the others, newest first */
    public function files(): array
    {
        $target = $this->target->name();
        $versions = $target === null ? [] : $this->versions($target);
        $rank = fn (string $version): int => $version === $this->release->version ? 0 : 1;
        usort($versions, static fn (string $a, string $b): int => [$rank($a), version_compare($b, $a)] <=> [$rank($b), 0]);

        return array_map(fn (string $version): string => $this->file($version, (string) $target), $versions);
    }

    /** @return list<string> */
    private function versions(string $target): array
    {
        $versions = [];

        foreach (@scandir($this->folder) ?: [] as $name) {
            if (preg_match('/^bun-(\d+\.\d+\.\d+)-(.+)$/', $name, $parts) === 1 && $parts[2] === $target) {
                $versions[] = $parts[1];
            }
        }

        return $versions;
    }

    private function file(string $version, string $target): string
    {
        return "{$this->folder}/bun-{$version}-{$target}";
    }
}
