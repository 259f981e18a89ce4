<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Contracts\Console\Kernel;
use Revurb\Bridge\ReverbConfig;
use Revurb\Environment\EnvironmentReader;
use Revurb\System\Platform;

/**
 * What is left to do until a browser receives an event, in its order.
 */
final readonly class NextSteps
{
    private const START = 'php artisan reverb:start';

    private const DOCTOR = 'php artisan reverb:doctor';

    /** Publishes an event without a class and without a queue worker. The quotes work in every shell. */
    private const EVENT = 'php artisan tinker --execute="Broadcast::on(\'demo\')->as(\'hello\')->with([\'text\' => \'It works\'])->sendNow()"';

    private const LISTENER = "Echo.channel('demo').listen('.hello', event => console.log(event.text))";

    private const HOOK = "useEchoPublic('demo', '.hello', event => console.log(event.text))";

    /** For applications whose pages have no Echo. The protocol's message is shown as it arrives. */
    private const SOCKET = "var socket = new WebSocket('%s'); socket.onmessage = message => console.log(message.data); "
        ."socket.onopen = () => socket.send('{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"demo\"}}')";

    public function __construct(
        private Kernel $artisan,
        private ReverbConfig $config,
        private EnvironmentReader $environment,
        private NodePackages $packages,
        private EchoScript $echo,
        private Platform $platform,
    ) {}

    /**
     * @param  list<Remaining>  $remaining
     * @return array<string, list<string>> lines to copy, by the text above them; none below the last one
     */
    public function all(array $remaining): array
    {
        $start = $this->platform->isWindows() ? 'Next, in WSL, as the server does not run on Windows itself:' : 'Next:';

        return [...self::of($remaining), $start => [self::START], ...$this->canPublish() ? $this->event() : ['While it runs, in another terminal:' => [self::DOCTOR]]];
    }

    /**
     * @param  list<Remaining>  $remaining
     * @return array<string, list<string>>
     */
    public static function withoutEnvironment(array $remaining, string $file, bool $hasExample): array
    {
        return [...self::of($remaining), 'Next:' => [
            ...$hasExample ? ["cp .env.example {$file}", 'php artisan key:generate'] : [],
            'php artisan reverb:install',
        ]];
    }

    /**
     * @param  list<Remaining>  $remaining
     * @return array<string, list<string>>
     */
    private static function of(array $remaining): array
    {
        $steps = [];

        foreach ($remaining as $step) {
            $steps["To do first, as {$step->reason}:"] = $step->commands;
        }

        return $steps;
    }

    /** @return array<string, list<string>> */
    private function event(): array
    {
        $hooks = $this->packages->hooks();

        return [
            ...match (true) {
                ! $this->packages->hasFrontEnd() || $this->echo->isMissing() => ['Subscribe in the console of a browser:' => [sprintf(self::SOCKET, $this->address())]],
                $hooks !== null => ["Subscribe in a component, build it with {$this->packages->build()}, and open its page with the browser's console:" => ["import { useEchoPublic } from '{$hooks}'", self::HOOK]],
                default => ["Open a page of your application, and subscribe in the browser's console:" => [self::LISTENER]],
            },
            'Publish an event, in another terminal:' => [self::EVENT],
            'The console shows "It works". If it does not, run '.self::DOCTOR.'.' => [],
        ];
    }

    private function address(): string
    {
        $environment = $this->environment->read();
        $path = trim((string) ($this->config->server()['path'] ?? ''), '/');
        $scheme = $environment->laravel('REVERB_SCHEME') === 'http' ? 'ws' : 'wss';
        $host = $environment->laravel('REVERB_HOST') ?? 'localhost';
        $port = $environment->laravel('REVERB_PORT') ?? '443';

        return "{$scheme}://{$host}:{$port}".($path === '' ? '' : "/{$path}")."/app/{$environment->laravel('REVERB_APP_KEY')}?protocol=7";
    }

    /** Anonymous events exist since Laravel 11.5, and Tinker is a package that an application may not have. */
    private function canPublish(): bool
    {
        // @phpstan-ignore function.alreadyNarrowedType (older versions of Laravel have no anonymous events)
        return array_key_exists('tinker', $this->artisan->all()) && method_exists(BroadcastManager::class, 'on');
    }
}
