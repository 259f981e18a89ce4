<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Console\BroadcastingInstallCommand;
use ReflectionClass;

/**
 * The script that connects Echo, in an application that has channels already. Laravel's `install:broadcasting` would register their file a
 * second time, as it does not know `withBroadcasting` nor the BroadcastServiceProvider of Laravel 10.
 */
final readonly class EchoScript
{
    private const FILE = 'echo.js';

    /** Where the script is imported, the first one that exists: as in `install:broadcasting`. */
    private const ENTRIES = ['bootstrap.js', 'app.js', 'bootstrap.ts', 'app.ts'];

    /** A line that is not commented out, as it is in the bootstrap.js of Laravel 10. */
    private const IMPORT = '/^\s*import\b.*[\'"](?:laravel-echo|@laravel\/echo-\w+)[\'"]/m';

    public function __construct(
        private string $folder,
        private NodePackages $packages,
        private Filesystem $files,
    ) {}

    /** Whether there is a front end to which nothing has added Echo. One that lists its package has it, wherever its script is. */
    public function isMissing(): bool
    {
        if (! $this->packages->hasFrontEnd() || ! $this->files->isDirectory($this->folder) || $this->packages->hasEcho() || $this->files->exists("{$this->folder}/".self::FILE)) {
            return false;
        }

        foreach ($this->files->files($this->folder) as $file) {
            if (preg_match(self::IMPORT, $file->getContents()) === 1) {
                return false;
            }
        }

        return true;
    }

    /** Whether there is one of the scripts that Laravel has. With React or Vue, Echo is configured for their hooks instead. */
    public function canAdd(): bool
    {
        return $this->entry() !== null && $this->packages->hooks() === null;
    }

    /** @return string|null the file that imports the script; null if it cannot be added */
    public function add(): ?string
    {
        $entry = $this->entry();

        if ($entry === null || ! $this->canAdd()) {
            return null;
        }

        $this->files->copy($this->stubs().'/echo-js-reverb.stub', "{$this->folder}/".self::FILE);
        $this->files->put("{$this->folder}/{$entry}", trim($this->files->get("{$this->folder}/{$entry}")."\n".$this->files->get($this->stubs().'/echo-bootstrap-js.stub'))."\n");

        return "resources/js/{$entry}";
    }

    private function entry(): ?string
    {
        foreach (self::ENTRIES as $name) {
            if ($this->files->exists("{$this->folder}/{$name}")) {
                return $name;
            }
        }

        return null;
    }

    private function stubs(): string
    {
        return dirname((string) (new ReflectionClass(BroadcastingInstallCommand::class))->getFileName()).'/stubs';
    }
}
