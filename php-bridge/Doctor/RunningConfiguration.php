<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Revurb\Bridge\Document;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Fingerprint;
use Revurb\Bridge\ListenHost;
use Revurb\Bridge\Overrides;
use Revurb\Doctor\Context\Address;
use Revurb\Status\ServerRecord;
use Revurb\System\ApplicationDirectory;
use Throwable;

/**
 * Whether a server runs on the configuration that this process reads.
 */
final class RunningConfiguration
{
    /** @var array<string, list<string>> addresses by the name, looked up once: a name server that does not answer takes seconds each time */
    private array $resolved = [];

    /** @var array<string, Document|null> by the options of the server, built once: the apps may come from a database */
    private array $documents = [];

    public function __construct(
        private readonly DocumentBuilder $documentBuilder,
        private readonly Fingerprint $fingerprint,
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

        $document = $this->document($record);

        if ($document === null) {
            return null;
        }

        $isSame = $record->server->configuration === $this->fingerprint->ofConfiguration($document)
            && $record->server->apps === $this->fingerprint->ofApps($document->content['apps']);

        return $isSame || $this->isOfThisApplication($record) ? $isSame : null;
    }

    /** The configured address, such as `127.0.0.1:8080`, if the server runs on another configuration and listens on another address. */
    public function otherAddress(ServerRecord $record): ?string
    {
        $document = $this->isCurrent($record) === false ? $this->document($record) : null;

        if ($document === null || preg_match('/^\[?(.+?)\]?:(\d+)$/', $record->address, $listening) !== 1) {
            return null;
        }

        $host = ListenHost::bare($document->serverText('host'));
        $port = $document->serverText('port');

        return $this->isHost($host, $listening[1]) && in_array($port, [$listening[2], '0'], true) ? null : (new Address(false, $host, (int) $port))->authority();
    }

    /** @param  string  $address  on which the server listens */
    private function isHost(string $host, string $address): bool
    {
        if (filter_var($host, FILTER_VALIDATE_IP) !== false) {
            return inet_pton($host) === @inet_pton($address);
        }

        // The server prefers an IPv4 address of a name. One that does not resolve is reported by another check.
        $addresses = $this->resolved[$host] ??= gethostbynamel($host) ?: [];

        return $addresses === [] || in_array($address, $addresses, true);
    }

    /** Null if there is no valid configuration. */
    private function document(ServerRecord $record): ?Document
    {
        $options = serialize($record->options);

        if (! array_key_exists($options, $this->documents)) {
            $this->documents[$options] = $this->build(Overrides::fromOptions($record->options));
        }

        return $this->documents[$options];
    }

    private function build(Overrides $overrides): ?Document
    {
        try {
            return $this->documentBuilder->build($overrides);
        } catch (Throwable) {
            return null;
        }
    }

    private function isOfThisApplication(ServerRecord $record): bool
    {
        return $record->host === gethostname()
            // After a change of APP_KEY the directory still shows that it is the same application.
            && ($record->application === $this->fingerprint->ofApplication() || $record->directory === ApplicationDirectory::current());
    }
}
