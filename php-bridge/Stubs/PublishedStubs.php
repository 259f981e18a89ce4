<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Events\VendorTagPublished;

/**
 * Fills in the values of files that `vendor:publish` has copied as they are.
 */
final readonly class PublishedStubs
{
    public function __construct(
        private Stubs $stubs,
        private AppValues $values,
        private Filesystem $files,
    ) {}

    /** @return array<string, string> in the form of `publishes` */
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

            // A file that existed before has its values and is left unchanged.
            if (is_string($target) && $this->files->get($target) === $this->files->get($file->source)) {
                $this->files->put($target, $file->text($this->values->all()));
            }
        }
    }
}
