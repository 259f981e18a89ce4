<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun\Download;

use GuzzleHttp\Exception\TransferException;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\Download\Receiver;
use Revurb\Bun\Download\Source;
use Revurb\Bun\Download\TransferFault;
use Revurb\Bun\Download\Transport;
use Revurb\Tests\Support\FakeClock;
use Revurb\Tests\Support\RecordedProgress;

final class TransferFaultTest extends TestCase
{
    /** Guzzle 7 and Guzzle 8 have different exceptions, and the same message in them. */
    #[TestWith([6, 'mirror.invalid cannot be found in DNS: this machine has no internet, or has to use a proxy (HTTPS_PROXY)'])]
    #[TestWith([28, 'mirror.invalid does not answer (any sentence)'])]
    #[TestWith([60, 'The TLS connection to mirror.invalid has failed (any sentence)'])]
    #[TestWith([52, 'https://mirror.invalid/a.zip cannot be downloaded (any sentence)'])]
    public function test_the_number_of_curl_is_in_the_message(int $number, string $sentence): void
    {
        $exception = new TransferException("cURL error {$number}: any sentence (see https://curl.se/libcurl/c/libcurl-errors.html) for https://mirror.invalid/");
        $source = Source::of('https://mirror.invalid/a.zip', '1', 'x');
        $receiver = new Receiver($source->shown(), static function (): void {}, new RecordedProgress, new FakeClock, 2000.0);

        $this->assertSame($sentence, (new TransferFault)->explain($exception, $source, 'mirror.invalid', $receiver, new Transport));
    }
}
