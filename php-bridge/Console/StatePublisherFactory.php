<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Foundation\Application;
use Revurb\Bridge\Document;
use Revurb\Bridge\Fingerprint;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\Schema;
use Revurb\Doctor\Secrets;
use Revurb\Output\Display;
use Revurb\Output\PublishedReason;
use Revurb\Output\RecordWriter;
use Revurb\Output\StatePublisher;
use Revurb\Restart\HandoffState;
use Revurb\Server\ExitCode;
use Revurb\Status\Crashes;
use Revurb\Status\Health;
use Revurb\Status\LastRestart;
use Revurb\Status\RunningServer;
use Revurb\Status\ServerRecord;
use Revurb\Status\Servers;
use Revurb\System\ApplicationDirectory;
use Revurb\System\Clock;
use Throwable;

/**
 * Creates the state publisher of a supervisor that is about to run, with the record that the previous run has left.
 */
final readonly class StatePublisherFactory
{
    public function __construct(
        private Servers $servers,
        private Clock $clock,
        private Fingerprint $fingerprint,
        private Application $app,
        private Repository $config,
        private ReverbConfig $reverb,
    ) {}

    public function of(Document $document, Overrides $overrides, Display $display, ?HandoffState $handoff): StatePublisher
    {
        $host = (string) gethostname();
        $address = $this->address($overrides);
        $oldServer = $handoff === null ? null : ServerRecord::from($handoff->record);
        $id = $oldServer->id ?? ServerRecord::idOf($host, $address);
        [$published, $fault] = $oldServer === null ? $this->published($id) : [null, null];
        $record = new ServerRecord(
            id: $id,
            host: $host,
            address: $oldServer->address ?? $address,
            directory: ApplicationDirectory::current(),
            application: $this->fingerprint->ofApplication(),
            pid: (int) getmypid(),
            since: $oldServer->since ?? (int) $this->clock->time(),
            run: $oldServer->run ?? bin2hex(random_bytes(8)),
            options: $overrides->toOptions(),
            server: $oldServer?->server,
            restart: $oldServer === null ? self::restartOf($published) : $oldServer->restart,
            crashes: $oldServer->crashes ?? self::crashesOf($published),
        );
        $reason = new PublishedReason((new Secrets([...$document->secrets(), $this->config->get('app.key')]))->mask(...));
        $isOfAnother = $published !== null && Health::isServing($published, (int) $this->clock->time());

        return new StatePublisher(
            $this->clock,
            $display,
            $record,
            new RunningServer(0, 0, '', '', $this->app->basePath(), $this->fingerprint->ofConfiguration($document), $this->fingerprint->ofApps($document->content['apps'])),
            $this->fingerprint->ofApps(...),
            new RecordWriter($this->servers, $this->clock, $display, $reason, $this->reverb->cacheStore(), isSilent: $isOfAnother),
            $reason,
            $fault,
        );
    }

    /** Records why a server could not be started: if it has stopped for a restart, that restart has failed. */
    public function refused(Overrides $overrides, string $reason): void
    {
        [$published] = $this->published(ServerRecord::idOf((string) gethostname(), $this->address($overrides)));
        $restart = self::restartOf($published);

        if ($published === null || $restart === null || $published->state !== ServerRecord::STOPPED) {
            return;
        }

        $now = $this->clock->time();
        $secrets = [...array_column(array_filter($this->reverb->apps(), is_array(...)), 'secret'), $this->config->get('app.key')];
        $reason = (new Secrets($secrets))->mask($reason);

        try {
            $this->servers->put($published->with(['restart' => $restart->failed($reason, $now), 'exit' => ExitCode::FAILURE, 'reason' => $reason, 'seen' => (int) $now]));
        } catch (Throwable) {
            // The command prints its own reason; that of the cache is not needed.
        }
    }

    /** The configured address, which is known before the server listens. */
    private function address(Overrides $overrides): string
    {
        $server = $this->reverb->server();
        $text = static fn (mixed $value, string|int $default): string => (string) (is_scalar($value) && $value !== '' ? $value : $default);

        return $text($overrides->host ?? $server['host'] ?? null, Schema::DEFAULTS['servers.reverb.host'])
            .':'.$text($overrides->port ?? $server['port'] ?? null, Schema::DEFAULTS['servers.reverb.port']);
    }

    /** @return array{ServerRecord|null, string|null} the published record, and why it could not be read, which the supervisor reports */
    private function published(string $id): array
    {
        try {
            return [$this->servers->find($id), null];
        } catch (Throwable $exception) {
            return [null, $exception->getMessage()];
        }
    }

    /** The restart of a server that has stopped for one and that a process manager starts again continues here. */
    private static function restartOf(?ServerRecord $published): ?LastRestart
    {
        $restart = $published?->restart;

        return $restart?->awaitsProcessManager() === true ? $restart : null;
    }

    /** A supervisor that was stopped on purpose starts to count crashes from 0. */
    private static function crashesOf(?ServerRecord $published): Crashes
    {
        return $published === null || $published->exit === 0 ? new Crashes : $published->crashes;
    }
}
