<?php

declare(strict_types=1);

/*
 * Serves archives over HTTP on loopback, one connection after the other, with every fault that a download can meet; and is a proxy as well.
 * Usage: php archive-server.php FOLDER [CERTIFICATE [PROXY]]. CERTIFICATE is a PEM file for https, or empty; PROXY is the status with which
 * it answers as a proxy, 200 to be one. Prints its port, and then each request.
 *
 *   /files/NAME               a file of FOLDER
 *   /unsized/NAME             the same without Content-Length
 *   /cut/PERCENT/NAME         the first part of it, with the Content-Length of all
 *   /unsized-cut/PERCENT/NAME the first part of it, without Content-Length
 *   /stall/NAME               the first half, and then nothing
 *   /status/NUMBER            an answer with that status
 *   /redirect/NUMBER?to=URL   a redirect
 *   /protected/NAME           a file for jane with the password "p@ss word"
 */

[, $folder, $certificate, $proxy] = $argv + [2 => '', 3 => ''];
$context = stream_context_create($certificate === '' ? [] : ['ssl' => ['local_cert' => $certificate]]);
$server = stream_socket_server('tcp://127.0.0.1:0', context: $context) ?: exit(1);
$name = (string) stream_socket_get_name($server, false);
echo substr($name, (int) strrpos($name, ':') + 1), "\n";

while (true) {
    $client = @stream_socket_accept($server, 600);

    if ($client === false) {
        exit(1);
    }

    stream_set_timeout($client, 60);

    if ($certificate === '' || @stream_socket_enable_crypto($client, true, STREAM_CRYPTO_METHOD_TLS_SERVER) === true) {
        serve($client, $folder, (int) $proxy);
    }

    fclose($client);
}

/** @param  resource  $client */
function serve($client, string $folder, int $proxy): void
{
    $request = rtrim((string) fgets($client));
    $headers = '';

    while (! in_array($line = fgets($client), ["\r\n", "\n", false], true)) {
        $headers .= $line;
    }

    [$method, $target] = [...explode(' ', $request), '', ''];
    echo "{$method} {$target}", preg_match('/^(Proxy-)?Authorization: Basic (\S+)/mi', $headers, $found) === 1 ? " {$found[1]}".base64_decode($found[2]) : '', "\n";

    if ($method === 'CONNECT' || str_starts_with($target, 'http://')) {
        $proxy === 200 ? relay($client, $method, $target) : answer($client, $proxy, 'The proxy refuses.');

        return;
    }

    $path = (string) parse_url($target, PHP_URL_PATH);
    [, $kind, $value, $name] = explode('/', $path) + [2 => '', 3 => ''];
    $file = "{$folder}/".($name === '' ? $value : $name);
    $size = is_file($file) ? (int) filesize($file) : 0;
    parse_str((string) parse_url($target, PHP_URL_QUERY), $query);

    match ($kind) {
        'files' => send($client, $file, $size, $size),
        'unsized' => send($client, $file, $size, null),
        'cut' => send($client, $file, (int) ($size * (int) $value / 100), $size),
        'unsized-cut' => send($client, $file, (int) ($size * (int) $value / 100), null),
        'stall' => stall($client, $file, $size),
        'status' => answer($client, (int) $value, '<html>An answer</html>'),
        'redirect' => answer($client, (int) $value, '<html>Moved</html>', 'Location: '.(is_string($query['to'] ?? null) ? $query['to'] : '')),
        'protected' => str_contains($headers, 'Basic '.base64_encode('jane:p@ss word')) ? send($client, $file, $size, $size) : answer($client, 401, 'No'),
        default => answer($client, 404, 'Not Found'),
    };
}

/** @param  resource  $client */
function send($client, string $file, int $bytes, ?int $length): void
{
    fwrite($client, "HTTP/1.1 200 OK\r\nConnection: close\r\n".($length === null ? '' : "Content-Length: {$length}\r\n")."\r\n");
    $stream = fopen($file, 'rb');

    while ($stream !== false && $bytes > 0 && ($piece = (string) fread($stream, min(65_536, $bytes))) !== '' && @fwrite($client, $piece) !== false) {
        $bytes -= strlen($piece);
    }
}

/**
 * Waits until the other side has closed the connection.
 *
 * @param  resource  $client
 */
function stall($client, string $file, int $size): void
{
    send($client, $file, intdiv($size, 2), $size);
    fread($client, 1);
}

/** @param  resource  $client */
function answer($client, int $status, string $body, string $header = 'X-None: 1'): void
{
    fwrite($client, "HTTP/1.1 {$status} Answer\r\nConnection: close\r\n{$header}\r\nContent-Length: ".strlen($body)."\r\n\r\n{$body}");
}

/**
 * A tunnel, or a request with a whole address, which is passed on.
 *
 * @param  resource  $client
 */
function relay($client, string $method, string $target): void
{
    $host = $method === 'CONNECT' ? $target : parse_url($target, PHP_URL_HOST).':'.parse_url($target, PHP_URL_PORT);
    $origin = @stream_socket_client("tcp://{$host}", timeout: 5);

    if ($origin === false) {
        answer($client, 502, 'The proxy cannot reach it.');

        return;
    }

    fwrite($method === 'CONNECT' ? $client : $origin, $method === 'CONNECT' ? "HTTP/1.1 200 OK\r\n\r\n" : 'GET '.parse_url($target, PHP_URL_PATH)." HTTP/1.1\r\nHost: {$host}\r\nConnection: close\r\n\r\n");

    for ($sides = [$client, $origin], $ends = false; ! $ends;) {
        [$read, $write, $except] = [$sides, null, null];
        $ends = stream_select($read, $write, $except, 60) < 1;

        foreach ($read as $from) {
            $bytes = (string) fread($from, 65_536);
            $ends = $ends || $bytes === '' || @fwrite($from === $client ? $origin : $client, $bytes) === false;
        }
    }
}
