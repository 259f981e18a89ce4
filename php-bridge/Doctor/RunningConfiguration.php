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
     * Null if that is unknown: no server runs, there is no APP_KEY, or the configuration is that of another machine or application and may
     * differ on purpose.
     */
    public function isCurrent(ServerRecord $record): ?bool
    {
        if ($record->server?->configuration === null) {
            return null;
        }

        try {
            $document = $this->documentBuilder->build(Overrides::fromOptions($record->options));
        } catch (Throwable) {
            // There is no valid configuration to compare with.
            return null;
        }

        $isSame = $record->server->configuration === $this->fingerprint->ofConfiguration($document)
            && $record->server->apps === $this->fingerprint->ofApps($document->content['apps']);

        return $isSame || $this->isOfThisApplication($record) ? $isSame : null;
    }

    private function isOfThisApplication(ServerRecord $record): bool
    {
        return $record->host === gethostname()
            // After a change of APP_KEY the directory still shows that it is the same application.
            && ($record->application === $this->fingerprint->ofApplication() || $record->directory === ApplicationDirectory::current());
    }
}
