<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Fingerprint;
use Revurb\Bridge\Overrides;
use Revurb\Process\ApplicationDirectory;
use Revurb\Status\ServerRecord;
use Throwable;

/**
 * Whether a server runs on the configuration that this process reads.
 */
final readonly class RunningConfiguration
{
    public function __construct(
        private DocumentBuilder $documentBuilder,
        private Fingerprint $fingerprint,
    ) {}

    /**
     * Null where that is unknown: no server, no APP_KEY, or a configuration that is of another machine or application and
     * may differ on purpose.
     */
    public function isCurrent(ServerRecord $record): ?bool
    {
        if ($record->server?->configuration === null) {
            return null;
        }

        try {
            $document = $this->documentBuilder->build(Overrides::fromOptions($record->options));
        } catch (Throwable) {
            // There is no current configuration.
            return null;
        }

        $isSame = $record->server->configuration === $this->fingerprint->ofConfiguration($document)
            && $record->server->apps === $this->fingerprint->ofApps($document->content['apps']);

        return $isSame || $this->isOfThisApplication($record) ? $isSame : null;
    }

    private function isOfThisApplication(ServerRecord $record): bool
    {
        return $record->host === gethostname()
            // With a new APP_KEY it is still the same directory.
            && ($record->application === $this->fingerprint->ofApplication() || $record->directory === ApplicationDirectory::current());
    }
}
