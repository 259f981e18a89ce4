<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Events\VendorTagPublished;

/**
 * `vendor:publish` copies files as they are; this fills in the values of what it has just copied.
 */
final readonly class PublishedStubs
{
    public function __construct(
        private Stubs $stubs,
        private AppValues $values,
        private Filesystem $files,
    ) {}

    /** @return array<string, string> as `publishes` wants them */
    public function paths(string $basePath): array
    {
        $files = $this->stubs->files();

        return array_combine(
            array_map(static fn (StubFile $file): string => $file->source, $files),
            array_map(static fn (StubFile $file): string => "{$basePath}/{$file->target()}", $files),
        );
    }

    public function handle(VendorTagPublished $published): void
    {
        foreach ($this->stubs->files() as $file) {
            $target = $published->paths[$file->source] ?? null;

            // One that was there before has its values, and is left alone.
            if (is_string($target) && $this->files->get($target) === $this->files->get($file->source)) {
                $this->files->put($target, $file->text($this->values->all()));
            }
        }
    }
}
