<?php

declare(strict_types=1);

namespace Revurb\Supervision;

/**
 * Notifies systemd about readiness and stop, if systemd has started this process with `Type=notify`.
 */
final readonly class NotifySocket
{
    /** @param  string|null  $address  NOTIFY_SOCKET: a path, or @ and an abstract name */
    public function __construct(private ?string $address) {}

    public function ready(): void
    {
        $this->send('READY=1');
    }

    public function stopping(): void
    {
        $this->send('STOPPING=1');
    }

    private function send(string $state): void
    {
        if ($this->address === null) {
            return;
        }

        $address = str_starts_with($this->address, '@') ? "\0".substr($this->address, 1) : $this->address;
        $socket = @stream_socket_client("udg://{$address}");

        if ($socket !== false) {
            @fwrite($socket, $state);
            fclose($socket);
        }
    }
}
