<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunInstaller;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\Download\FailedDownload;
use Revurb\Bun\Download\Source;
use Revurb\Bun\Download\UnusableMirror;
use Revurb\Bun\Storage\FailedInstallation;
use Revurb\Bun\Storage\Pruning;
use Revurb\Log\LogLine;
use Symfony\Component\Console\Attribute\AsCommand;

/**
 * Shows which Bun is used, and stores the one with which this release is tested. Exits 0 if that one is stored afterwards.
 */
#[AsCommand(name: 'reverb:bun')]
final class ManageBun extends Command
{
    protected $signature = 'reverb:bun
                {--install : Download the Bun that this release is tested with to storage/revurb, unless it is there}
                {--force : Download it also if it is there}';

    protected $description = 'Show or install the Bun that runs the Reverb server';

    public function handle(BunStore $store, BunTarget $target, BunFinder $finder, BunInstaller $installer, Pruning $pruning, ReverbConfig $config): int
    {
        $mirror = $config->bunMirror() ?? (getenv(Source::VARIABLE) ?: null);

        return $this->option('install') || $this->option('force')
            ? $this->install($store, $target, $installer, $pruning, $mirror, $config->bun() ?? (getenv('REVURB_BUN') ?: null))
            : $this->show($store, $target, $finder, $config, $mirror);
    }

    private function install(BunStore $store, BunTarget $target, BunInstaller $installer, Pruning $pruning, ?string $mirror, ?string $named): int
    {
        $version = "Bun {$store->release->version}";

        if (! $this->option('force') && $store->accept()) {
            $this->components->info("{$version} is already stored: {$this->shown((string) $store->pinned())}");
            $this->warnOfAnother($named);

            return self::SUCCESS;
        }

        try {
            $file = $installer->install($mirror, new DownloadProgress($this->output));
        } catch (FailedDownload|FailedInstallation|UnusableMirror $exception) {
            $this->components->error($this->shown(LogLine::sentence($exception->getMessage())));
            $this->showCopyByHand($store, $target, $mirror);

            return self::FAILURE;
        }

        $this->components->info("{$version} is stored: {$this->shown($file)}");
        $this->warnOfAnother($named);

        foreach ($pruning->run() as $old) {
            $this->line("  Removed {$this->shown($old)}");
        }

        return self::SUCCESS;
    }

    /** @param  string|null  $named  the Bun that is configured, which is used in place of the stored one */
    private function warnOfAnother(?string $named): void
    {
        if ($named !== null) {
            $this->components->warn($this->shown("reverb:start uses {$named}, because REVURB_BUN (config/reverb.php: servers.reverb.revurb.bun) names it."));
        }
    }

    private function show(BunStore $store, BunTarget $target, BunFinder $finder, ReverbConfig $config, ?string $mirror): int
    {
        try {
            $used = $finder->find($config->bun())->describe();
        } catch (BunNotFound $exception) {
            $used = 'none. '.$exception->getMessage();
        }

        $fault = $store->fault();
        $files = array_map(fn (string $file): string => basename($file).match (true) {
            $file !== $store->pinned() => ' (of another release)',
            $fault === null => ' (its SHA-512 is correct)',
            default => " ({$fault})",
        }, $store->files());

        $this->row('Used by reverb:start', $used);
        $this->row('Tested with', "Bun {$store->release->version}".($target->name() === null ? '' : ", {$target->name()}"));
        $this->row('Stored', $files === [] ? 'none' : implode(', ', $files));
        $this->showCopyByHand($store, $target, $mirror);

        if ($fault !== null && $target->name() !== null) {
            $this->line('  <fg=gray>php artisan reverb:bun --install</> downloads it.');
            $this->newLine();
        }

        return $fault === null ? self::SUCCESS : self::FAILURE;
    }

    /** Prints what is needed to put the file there without this command. */
    private function showCopyByHand(BunStore $store, BunTarget $target, ?string $mirror): void
    {
        $name = $target->name();

        if ($name === null) {
            return;
        }

        try {
            $source = Source::of($mirror, $store->release->version, $name)->shown();
        } catch (UnusableMirror) {
            $source = Source::of(null, $store->release->version, $name)->shown();
        }

        $this->newLine();
        $this->line('  To copy it by hand, unpack the file <fg=gray>bun</> of the archive, and run <fg=gray>php artisan reverb:bun --install</>, which checks it:');
        $this->row('Archive', $source);
        $this->row('Place of the file', (string) $store->pinned());

        foreach ($store->release->hashes($name) as $hash) {
            $this->row('SHA-512 of the file', $hash);
        }

        $this->newLine();
    }

    private function row(string $name, string $value): void
    {
        $this->line(sprintf('  <fg=green>%-22s</> %s', $name, $this->shown($value)));
    }

    private function shown(string $text): string
    {
        return LogLine::markup($text);
    }
}
