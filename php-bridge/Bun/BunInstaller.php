<?php

declare(strict_types=1);

namespace Revurb\Bun;

use Revurb\Bun\Archive\Archive;
use Revurb\Bun\Archive\Unpacking;
use Revurb\Bun\Archive\UnusableArchive;
use Revurb\Bun\Download\Downloader;
use Revurb\Bun\Download\FailedDownload;
use Revurb\Bun\Download\Progress;
use Revurb\Bun\Download\Source;
use Revurb\Bun\Download\UnusableMirror;
use Revurb\Bun\Storage\FailedInstallation;
use Revurb\Bun\Storage\Interruption;
use Revurb\Bun\Storage\PartFile;
use Revurb\Bun\Storage\StoreFolder;
use Revurb\System\PhpFunctions;
use SensitiveParameter;

/**
 * Stores the Bun with which this release is tested. Nothing of it is run, and no file has its name, before its SHA-512 is the expected one.
 */
final readonly class BunInstaller
{
    public function __construct(
        private BunStore $store,
        private BunTarget $target,
        private VersionProbe $probe,
        private Downloader $downloader,
        private MuslLibraries $libraries = new MuslLibraries,
        private PhpFunctions $functions = new PhpFunctions,
    ) {}

    /**
     * @param  string|null  $mirror  as it is configured
     *
     * @throws FailedDownload|FailedInstallation|UnusableMirror
     */
    public function install(#[SensitiveParameter] ?string $mirror, Progress $progress): string
    {
        $target = $this->target->name() ?? throw FailedInstallation::noBun($this->target->machineDescription());
        $source = Source::of($mirror, $this->store->release->version, $target);

        if (($obstacle = $this->obstacle($target)) !== null) {
            throw $obstacle;
        }

        $folder = new StoreFolder($this->store->folder);
        $folder->prepare($this->store->release->bytes($target));
        $part = $folder->part();
        $interruption = new Interruption;
        $interruption->watch($part->discard(...));

        try {
            $this->fill($part, $source, $target, $progress);
            $part->moveTo($file = (string) $this->store->pinned());
        } finally {
            $part->discard();
            $interruption->release();
        }

        return $file;
    }

    /** Why Bun could not be unpacked or run after a download. */
    private function obstacle(string $target): ?FailedInstallation
    {
        return match (true) {
            ! function_exists('inflate_init') => FailedInstallation::noZlib(),
            ! $this->functions->canStartProcesses() => FailedInstallation::noFunctions($this->functions->missing()?->sentence() ?? ''),
            str_ends_with($target, '-musl') && ! $this->libraries->has(MuslLibraries::OF_BUN) => FailedInstallation::noLibrary(MuslLibraries::OF_BUN, MuslLibraries::INSTALL),
            default => null,
        };
    }

    private function fill(PartFile $part, Source $source, string $target, Progress $progress): void
    {
        $release = $this->store->release;
        $wanted = "Bun {$release->version} for {$target}";
        $unpacking = new Unpacking(new Archive($release->sizes($target), $wanted), $part->write(...));

        try {
            $this->downloader->fetch($source, $unpacking->push(...), $progress);
            $unpacking->end();
        } catch (UnusableArchive $exception) {
            throw new FailedInstallation("{$source->shown()} {$exception->getMessage()}", previous: $exception);
        }

        if (! in_array($hash = $part->complete(), $release->hashes($target), true)) {
            throw FailedInstallation::wrongHash($source->shown(), $wanted, $hash);
        }

        if ($this->probe->versionOf($part->path) !== $release->version) {
            throw FailedInstallation::doesNotRun($wanted, is_executable($part->path) ? (BunFault::of($part->path) ?? BunFault::unknown($part->path))->text : 'is on a file system on which nothing may be executed (noexec)');
        }
    }
}
