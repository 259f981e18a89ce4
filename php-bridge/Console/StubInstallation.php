<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\View\Components\Factory;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Filesystem\Filesystem;
use Revurb\Stubs\AppValues;
use Revurb\Stubs\SailValues;
use Revurb\Stubs\StubFile;
use Revurb\Stubs\Stubs;
use Revurb\Stubs\UnknownStub;
use Revurb\Stubs\UnquotablePath;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * `reverb:install --stubs`: writes files for where the application is served.
 */
final readonly class StubInstallation
{
    public function __construct(
        private Application $app,
        private Filesystem $files,
        private Stubs $stubs,
        private AppValues $values,
        private SailValues $sail,
    ) {}

    /**
     * @param  string  $chosen  `all`, or names between commas
     * @param  bool  $isForced  whether files that exist are overwritten
     * @return bool false if nothing was written, for a reason that is printed
     */
    public function write(string $chosen, bool $isForced, Factory $components, OutputInterface $output): bool
    {
        try {
            $written = $this->stubs->files($chosen);
            $texts = $this->values->all();
        } catch (UnknownStub|UnquotablePath $exception) {
            $components->error($exception->getMessage());

            return false;
        }

        $ofSail = array_filter($written, static fn (StubFile $file): bool => $file->stub === Stubs::SAIL);

        if ($ofSail !== [] && ($fault = $this->sail->fault()) !== null) {
            if ($chosen !== Stubs::ALL) {
                $components->error(OutputFormatter::escape($fault));

                return false;
            }

            $components->warn(OutputFormatter::escape("The file for Sail is left out. {$fault}"));
            $written = array_diff_key($written, $ofSail);
        }

        $heads = [];

        foreach ($written as $file) {
            $text = $file->text($texts);
            $heads = [...$heads, ...StubFile::head($text), ''];
            $components->twoColumnDetail($file->target(), $this->writeFile($this->app->basePath($file->target()), $text, $isForced));
        }

        $output->writeln(['', ...$heads], OutputInterface::OUTPUT_RAW);

        return true;
    }

    /** @return string what was done */
    private function writeFile(string $target, string $text, bool $isForced): string
    {
        if ($this->files->exists($target) && ! $isForced) {
            return $this->files->get($target) === $text ? 'kept' : 'kept; --force overwrites it';
        }

        $this->files->ensureDirectoryExists(dirname($target));
        $this->files->put($target, $text);

        return 'written';
    }
}
