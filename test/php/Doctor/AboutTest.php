<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use Revurb\Bun\VersionProbe;
use Revurb\Doctor\Context\Address;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;

final class AboutTest extends DoctorAppTestCase
{
    public function test_about_has_a_section_of_revurb(): void
    {
        [$code, $output] = $this->artisanCall('about', ['--only' => 'revurb', '--json' => true]);
        $about = json_decode($output, true);

        $this->assertSame(0, $code);
        $this->assertIsArray($about);
        $this->assertEqualsCanonicalizing(['apps', 'browsers_connect_to', 'bun', 'laravel_publishes_to', 'server', 'version'], array_keys($about['revurb']));
        $this->assertSame('http://127.0.0.1:8080', $about['revurb']['server']);
        $this->assertSame("1.4.5, {$this->base}/bun (REVURB_BUN); tested with 1.4.5", $about['revurb']['bun']);
    }

    public function test_about_runs_bun_once_and_for_this_section_only(): void
    {
        $probe = new class implements VersionProbe
        {
            public int $asked = 0;

            public function versionOf(string $file): string
            {
                $this->asked++;

                return '1.4.5';
            }
        };
        $this->application()->instance(VersionProbe::class, $probe);

        $this->assertSame(0, $this->artisanCall('about', ['--only' => 'environment'])[0]);
        $this->assertSame(0, $probe->asked);
        $this->assertSame(0, $this->artisanCall('about', ['--only' => 'revurb'])[0]);
        $this->assertSame(1, $probe->asked);
    }

    public function test_about_has_the_section_without_any_configuration(): void
    {
        $this->configure(['reverb' => [], 'broadcasting.connections.reverb' => null, 'reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        [$code, $output] = $this->artisanCall('about', ['--only' => 'revurb']);

        $this->assertSame(0, $code);
        $this->assertStringContainsString('not usable: /no/such/bun is not there (REVURB_BUN)', $output);
        $this->assertStringContainsString((new Address(false, '127.0.0.1', 8080))->url(), $output);
    }
}
