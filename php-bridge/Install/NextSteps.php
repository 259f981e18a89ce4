<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Foundation\Application;
use Laravel\Tinker\Console\TinkerCommand;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFault;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\System\Platform;

/**
 * The commands that remain until a browser receives an event, in their order.
 */
final readonly class NextSteps
{
    /** Publishes an event without a class and without a queue worker. The quotes work in every shell. */
    private const EVENT = 'php artisan tinker --execute="Broadcast::on(\'demo\')->as(\'hello\')->with([\'text\' => \'It works\'])->sendNow()"';

    private const LISTENER = "Echo.channel('demo').listen('.hello', event => console.log(event.text))";

    private const HOOK = "useEchoPublic('demo', '.hello', event => console.log(event.text))";

    public function __construct(
        private Application $app,
        private BunFinder $bun,
        private ReverbConfig $config,
        private NodePackages $packages,
        private Platform $platform,
    ) {}

    /** @return array<string, list<string>> lines to copy, by the comment above them */
    public function all(): array
    {
        $first = [
            ...$this->app->configurationIsCached() ? ['php artisan config:clear'] : [],
            ...$this->bunCommands(),
            ...$this->packages->commands(),
        ];

        $start = ['php artisan reverb:start'];

        return array_filter([
            'Next:' => $this->platform->isWindows() ? $first : [...$first, ...$start],
            'Then in WSL, as the server does not run on Windows itself:' => $this->platform->isWindows() ? $start : [],
            'While it runs, in another terminal:' => ['php artisan reverb:doctor', ...$this->canPublish() ? [self::EVENT] : []],
            "The event appears in the browser's console, on a page that has subscribed:" => $this->canPublish() ? [$this->packages->hasHooks() ? self::HOOK : self::LISTENER] : [],
        ]);
    }

    /** @return array<string, list<string>> */
    public static function withoutEnvironment(string $file, bool $hasExample): array
    {
        return ['Next:' => [
            ...$hasExample ? ["cp .env.example {$file}", 'php artisan key:generate'] : [],
            'php artisan reverb:install',
        ]];
    }

    /** @return list<string> none where the server has Bun, runs in WSL, or is configured to use a file that is not there, which reverb:start reports */
    private function bunCommands(): array
    {
        if ($this->platform->isWindows()) {
            return [];
        }

        try {
            $this->bun->find($this->config->bun());
        } catch (BunNotFound $exception) {
            return match ($exception->fault?->code) {
                null => [$this->packages->bun()],
                BunFault::MISSING => [],
                default => [$exception->fix()],
            };
        }

        return [];
    }

    /** Anonymous events exist since Laravel 11.5, and Tinker is a package that an application may not have. */
    private function canPublish(): bool
    {
        // @phpstan-ignore function.alreadyNarrowedType (older versions of Laravel have no anonymous events)
        return class_exists(TinkerCommand::class) && method_exists(BroadcastManager::class, 'on');
    }
}
