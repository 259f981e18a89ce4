<?php

declare(strict_types=1);

namespace Revurb\Tests\Stubs;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunRelease;
use Revurb\Stubs\ImageValues;
use Revurb\Tests\Support\AppTestCase;

final class ImageValuesTest extends AppTestCase
{
    /** @return array<string, string> */
    private function values(): array
    {
        return $this->make(ImageValues::class)->all();
    }

    public function test_versions_are_those_of_this_php_and_of_the_bun_of_this_release(): void
    {
        $this->assertSame(PHP_VERSION_ID, PHP_MAJOR_VERSION * 10_000 + PHP_MINOR_VERSION * 100 + PHP_RELEASE_VERSION);
        $this->assertSame(PHP_MAJOR_VERSION.'.'.PHP_MINOR_VERSION.'.'.PHP_RELEASE_VERSION, $this->values()['php_version']);
        $this->assertSame(BunRelease::VERSION, $this->values()['bun_version']);
    }

    #[TestWith([null, 'http'])]
    #[TestWith([[], 'http'])]
    #[TestWith([['local_cert' => null, 'local_pk' => ''], 'http'])]
    #[TestWith([['verify_peer' => false], 'http'])]
    #[TestWith([['local_cert' => '/etc/ssl/app.pem'], 'https'])]
    #[TestWith([['local_pk' => '/etc/ssl/app.key'], 'https'])]
    public function test_the_scheme_is_that_of_the_configured_certificate(mixed $tls, string $scheme): void
    {
        $this->configure(['reverb.servers.reverb.options' => ['tls' => $tls], 'reverb.servers.reverb.hostname' => 'app.test']);

        $this->assertSame([$scheme, strtoupper($scheme)], [$this->values()['scheme'], $this->values()['probe_scheme']]);
    }
}
