<?php

declare(strict_types=1);

namespace Revurb\Doctor\Context;

use Revurb\Bridge\Document;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\Schema;
use Revurb\Doctor\Secrets;
use Revurb\Environment\Environment;

/**
 * The configuration as the checks need it: the server, the publisher and the browsers.
 */
final readonly class DoctorContext
{
    /**
     * @param  Document|null  $document  the document of the server
     * @param  string  $documentFault  why there is no document
     * @param  string  $documentFix  how to fix that
     * @param  string  $publisherFault  why there is no publisher
     * @param  Overrides  $overrides  options of the command
     */
    public function __construct(
        public Address $server,
        public ?Document $document,
        public string $documentFault,
        public string $documentFix,
        public ?Publisher $publisher,
        public string $publisherFault,
        public ?Browsers $browsers,
        public Environment $env,
        public Secrets $secrets,
        public Overrides $overrides = new Overrides,
    ) {}

    /** @return list<array<string, mixed>> in the form of the document */
    public function apps(): array
    {
        return $this->document->content['apps'] ?? [];
    }

    /**
     * @param  'app_id'|'key'  $name
     * @return array<string, mixed>|null
     */
    public function appWith(string $name, string $value): ?array
    {
        foreach ($this->apps() as $app) {
            if (is_scalar($app[$name] ?? null) && (string) $app[$name] === $value) {
                return $app;
            }
        }

        return null;
    }

    /** The app for requests to the server itself: the publisher's, if it is one of the server's. */
    public function appForProbes(): ?Publisher
    {
        $app = ($this->publisher === null ? null : $this->appWith('app_id', $this->publisher->id)) ?? $this->apps()[0] ?? [];
        ['app_id' => $id, 'key' => $key, 'secret' => $secret] = $app + ['app_id' => null, 'key' => null, 'secret' => null];

        return is_scalar($id) && is_scalar($key) && is_scalar($secret)
            ? new Publisher($this->server, (string) $id, (string) $key, (string) $secret)
            : null;
    }

    /** Seconds by which the clocks of publisher and server may differ. */
    public function timestampTolerance(): int
    {
        return (int) ($this->document?->serverText('timestamp_tolerance') ?? Schema::DEFAULTS['servers.reverb.revurb.timestamp_tolerance']);
    }

    /** The URL under which a proxy reaches the server, such as `http://127.0.0.1:8080`. */
    public function serverUrl(): string
    {
        return (new Address($this->server->isSecure, $this->server->host, $this->server->port))->url();
    }

    /** The same for a proxy that expects no scheme for plain HTTP, such as `127.0.0.1:8080`. */
    public function serverAuthority(): string
    {
        return $this->server->isSecure ? $this->serverUrl() : $this->server->authority();
    }

    /** Whether that address is the server's own, without a proxy between. */
    public function isServerItself(Address $address): bool
    {
        return $address->isLocal() && $address->port === $this->server->port;
    }
}
