<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Illuminate\Support\Str;
use Revurb\Bridge\ReverbConfig;
use Revurb\Stubs\AppValues;
use Revurb\Stubs\StubFile;
use Revurb\Stubs\Stubs;
use Revurb\Stubs\UnknownStub;
use Revurb\Stubs\UnquotablePath;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Adds what is missing and says what it did. What is there already stays as it is, so a second run changes nothing.
 */
#[AsCommand(name: 'reverb:install')]
final class Install extends Command
{
    protected $signature = 'reverb:install
                {--stubs= : Write files for where the application is served, and nothing else: all, or any of apache,caddy,docker,docker-php,forge,haproxy,nginx,sail,supervisor,systemd}
                {--force : Write those that are there already anew}';

    protected $description = 'Install the Reverb dependencies';

    public function handle(Application $app, Filesystem $files, ReverbConfig $config, Stubs $stubs, AppValues $values): int
    {
        if (is_string($chosen = $this->option('stubs'))) {
            return $this->writeStubs($chosen, $app, $files, $stubs, $values);
        }

        $this->publishConfig($files, $app->configPath('reverb.php'));
        $this->completeEnvironment($files, $app->environmentFilePath());
        $this->checkBroadcasting($files, $config, $app->basePath('routes/channels.php'));

        $this->components->info('Reverb installed successfully.');

        return self::SUCCESS;
    }

    private function publishConfig(Filesystem $files, string $target): void
    {
        if ($files->exists($target)) {
            $this->say('config/reverb.php', 'kept');

            return;
        }

        $files->ensureDirectoryExists(dirname($target));
        $files->copy(dirname(__DIR__).'/config/reverb.php', $target);
        $this->say('config/reverb.php', 'written');
    }

    private function completeEnvironment(Filesystem $files, string $file): void
    {
        if (! $files->exists($file)) {
            $this->components->warn("There is no {$file}: copy .env.example to it and run this again.");

            return;
        }

        $env = new EnvFile($files->get($file));
        $missing = [];

        foreach ($this->variables() as $name => $value) {
            if ($env->has($name)) {
                $this->say($name, $env->value($name) === '' ? 'kept, and empty' : 'kept');
            } else {
                $missing[$name] = $value;
                $this->say($name, 'added');
            }
        }

        $driver = $env->value('BROADCAST_CONNECTION') ?? 'reverb';

        if ($driver !== 'reverb') {
            $this->components->warn("BROADCAST_CONNECTION is {$driver}: set it to reverb, so that Laravel broadcasts through this server.");
        }

        if ($missing !== []) {
            $env->add($missing);
            $files->put($file, $env->text());
        }
    }

    /** @return array<string, string> */
    private function variables(): array
    {
        return [
            'BROADCAST_CONNECTION' => 'reverb',
            'REVERB_APP_ID' => (string) random_int(100_000, 999_999),
            'REVERB_APP_KEY' => Str::lower(Str::random(20)),
            'REVERB_APP_SECRET' => Str::lower(Str::random(20)),
            'REVERB_HOST' => '"localhost"',
            'REVERB_PORT' => '8080',
            'REVERB_SCHEME' => 'http',
            'VITE_REVERB_APP_KEY' => '"${REVERB_APP_KEY}"',
            'VITE_REVERB_HOST' => '"${REVERB_HOST}"',
            'VITE_REVERB_PORT' => '"${REVERB_PORT}"',
            'VITE_REVERB_SCHEME' => '"${REVERB_SCHEME}"',
        ];
    }

    private function checkBroadcasting(Filesystem $files, ReverbConfig $config, string $channels): void
    {
        if (! $config->hasBroadcastConnection()) {
            $this->components->warn('config/broadcasting.php has no "reverb" connection: add the one of Laravel\'s own config/broadcasting.php.');
        }

        if (! $files->exists($channels)) {
            $this->components->warn('There is no routes/channels.php: `php artisan install:broadcasting --without-reverb` makes it.');
        }
    }

    private function writeStubs(string $chosen, Application $app, Filesystem $files, Stubs $stubs, AppValues $values): int
    {
        try {
            $chosen = $stubs->files($chosen);
            $said = $values->all();
        } catch (UnknownStub|UnquotablePath $exception) {
            $this->components->error($exception->getMessage());

            return self::FAILURE;
        }

        $heads = [];

        foreach ($chosen as $file) {
            $text = $file->text($said);
            $heads = [...$heads, ...StubFile::head($text), ''];
            $this->writeStub($files, $app->basePath($file->target()), $file->target(), $text);
        }

        $this->output->writeln(['', ...$heads], OutputInterface::OUTPUT_RAW);

        return self::SUCCESS;
    }

    private function writeStub(Filesystem $files, string $target, string $name, string $text): void
    {
        if ($files->exists($target) && ! $this->option('force')) {
            $this->say($name, $files->get($target) === $text ? 'kept' : 'kept; --force writes it anew');

            return;
        }

        $files->ensureDirectoryExists(dirname($target));
        $files->put($target, $text);
        $this->say($name, 'written');
    }

    private function say(string $what, string $done): void
    {
        $this->components->twoColumnDetail($what, $done);
    }
}
