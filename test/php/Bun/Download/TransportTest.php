<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun\Download;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\Download\Transport;
use Symfony\Component\Process\Process;

final class TransportTest extends TestCase
{
    /** @param  array{bool, bool, bool}  $has  curl, streams, openssl */
    #[TestWith([[true, false, false], true, null])]
    #[TestWith([[false, true, true], true, null])]
    #[TestWith([[false, true, false], false, null])]
    #[TestWith([[false, true, false], true, 'this PHP has neither the extension curl nor openssl, one of which https needs'])]
    #[TestWith([[false, false, true], false, 'this PHP has no extension curl, and allow_url_fopen is off in its php.ini'])]
    public function test_what_is_missing_is_named(array $has, bool $isSecure, ?string $missing): void
    {
        $this->assertSame($missing, (new Transport(...$has))->missing($isSecure));
    }

    public function test_what_guzzle_uses_has_its_options(): void
    {
        $this->assertSame(['curl' => [CURLOPT_LOW_SPEED_LIMIT => 1, CURLOPT_LOW_SPEED_TIME => 30]], (new Transport(true))->options(30, true));
        $this->assertSame(['stream_context' => ['http' => ['request_fulluri' => true]]], (new Transport(false))->options(30, true));
        $this->assertSame([], (new Transport(false))->options(30, false));
    }

    /** As Guzzle does, which takes either. */
    #[TestWith(['curl_exec', true])]
    #[TestWith(['curl_multi_exec', true])]
    #[TestWith(['curl_exec,curl_multi_exec', false])]
    public function test_curl_is_used_by_either_of_its_functions(string $disabled, bool $isCurl): void
    {
        $code = 'require "vendor/autoload.php"; echo json_encode((new '.Transport::class.')->options(30, false));';
        $process = new Process([PHP_BINARY, '-d', "disable_functions={$disabled}", '-r', $code], dirname(__DIR__, 4));
        $process->mustRun();

        $this->assertSame($isCurl, str_contains($process->getOutput(), 'curl'));
    }
}
