<?php

declare(strict_types=1);

/** @return resource a WebSocket whose greeting is still to be read */
function open_websocket(int $port, string $key)
{
    $socket = stream_socket_client("tcp://127.0.0.1:{$port}", timeout: 60) ?: throw new RuntimeException('Nothing listens on the port.');
    stream_set_timeout($socket, 60);
    fwrite($socket, "GET /app/{$key}?protocol=7 HTTP/1.1\r\nHost: 127.0.0.1:{$port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n");

    while (($line = fgets($socket)) !== false && trim($line) !== '') {
    }

    return $socket;
}

/** @return resource a WebSocket that has been greeted */
function websocket(int $port, string $key)
{
    $socket = open_websocket($port, $key);
    read_frame($socket);

    return $socket;
}

/** @param  resource  $socket */
function send_text($socket, string $text): void
{
    $length = strlen($text) < 126 ? chr(0x80 | strlen($text)) : chr(0x80 | 126).pack('n', strlen($text));
    fwrite($socket, "\x81{$length}\0\0\0\0{$text}");
}

/** @param  resource  $socket */
function read_frame($socket): string
{
    $length = ord(substr((string) stream_get_contents($socket, 2), 1, 1) ?: "\0") & 0x7F;

    if ($length === 126) {
        $wide = unpack('n', (string) stream_get_contents($socket, 2));
        $length = is_array($wide) ? (int) $wide[1] : 0;
    }

    return (string) stream_get_contents($socket, $length);
}
