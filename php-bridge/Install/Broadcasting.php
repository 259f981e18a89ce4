<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Application;
use Revurb\Environment\Environment;

/**
 * What an application has of Laravel's broadcasting, and how the rest is added.
 */
final readonly class Broadcasting
{
    /** The names in Laravel 11 and newer, and in Laravel up to 10, whose config/broadcasting.php many applications keep. */
    private const VARIABLES = ['BROADCAST_CONNECTION', 'BROADCAST_DRIVER'];

    private const PROVIDER = 'App\Providers\BroadcastServiceProvider::class';

    private const CONNECTIONS = '/^([ \t]*)([\'"])connections\2\s*=>\s*\[[ \t]*(?=\R)/m';

    /** The connection as Reverb's installer writes it, with four blanks less. */
    private const CONNECTION = <<<'PHP'


            'reverb' => [
                'driver' => 'reverb',
                'key' => env('REVERB_APP_KEY'),
                'secret' => env('REVERB_APP_SECRET'),
                'app_id' => env('REVERB_APP_ID'),
                'options' => [
                    'host' => env('REVERB_HOST'),
                    'port' => env('REVERB_PORT', 443),
                    'scheme' => env('REVERB_SCHEME', 'https'),
                    'useTLS' => env('REVERB_SCHEME', 'https') === 'https',
                    'path' => env('REVERB_SERVER_PATH', ''),
                ],
                'client_options' => [
                    // Guzzle client options: https://docs.guzzlephp.org/en/stable/request-options.html
                ],
            ],
        PHP;

    public function __construct(
        private Application $app,
        private Repository $config,
        private Filesystem $files,
    ) {}

    /** The variable of .env from which config/broadcasting.php reads the default connection. */
    public function variable(): string
    {
        [$new, $old] = self::VARIABLES;
        $text = $this->text('broadcasting.php');

        return str_contains($text, $old) && ! str_contains($text, $new) ? $old : $new;
    }

    /** The name of the connection that publishes events. */
    public function connection(Environment $environment): ?string
    {
        $configured = $this->app->configurationIsCached() ? null : $this->config->get('broadcasting.default');

        return $environment->laravel($this->variable()) ?? (is_string($configured) ? $configured : null);
    }

    /** Whether that connection uses the driver `reverb`, whatever its name is. */
    public function isReverb(?string $connection): bool
    {
        return $connection !== null && $this->config->get("broadcasting.connections.{$connection}.driver", $connection) === 'reverb';
    }

    public function hasChannels(): bool
    {
        return $this->files->exists($this->app->basePath('routes/channels.php'));
    }

    /** Whether bootstrap/app.php registers the channels. That of Laravel 10 and older does not call withRouting and leaves it to a provider. */
    public function loadsChannels(): bool
    {
        $file = $this->app->bootstrapPath('app.php');
        $text = $this->files->exists($file) ? $this->files->get($file) : '';

        return ! str_contains($text, '->withRouting(') || preg_match('/\bchannels:|withBroadcasting/', $text) === 1;
    }

    /**
     * Adds the connection to the application's own config/broadcasting.php, to which Laravel adds nothing.
     *
     * @return bool|null null if the connection exists already; false if it could not be written
     */
    public function addConnection(): ?bool
    {
        if ($this->config->has('broadcasting.connections.reverb')) {
            return null;
        }

        $text = $this->text('broadcasting.php');
        $changed = preg_replace_callback(self::CONNECTIONS, static fn (array $found): string => $found[0].self::CONNECTION, $text, limit: 1);

        return $changed !== $text && $this->write('broadcasting.php', (string) $changed);
    }

    /**
     * Enables the BroadcastServiceProvider. The skeleton of Laravel 10 and older has it commented out, so that no channel can be
     * authorized.
     */
    public function enableProvider(): bool
    {
        $text = $this->text('app.php');
        $comment = '// '.self::PROVIDER;

        return str_contains($text, $comment) && $this->write('app.php', str_replace($comment, self::PROVIDER, $text));
    }

    private function text(string $name): string
    {
        return $this->files->exists($file = $this->app->configPath($name)) ? $this->files->get($file) : '';
    }

    private function write(string $name, string $text): bool
    {
        return @file_put_contents($this->app->configPath($name), $text) !== false;
    }
}
