<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Context;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Context\ConfigPlaces;
use Revurb\Tests\Support\EnvText;

final class ConfigPlacesTest extends TestCase
{
    #[TestWith(['servers.reverb.port', 'REVERB_SERVER_PORT', '.env:1 REVERB_SERVER_PORT, or config/reverb.php: servers.reverb.port'])]
    #[TestWith(['servers.reverb.options.tls.local_cert', '', 'config/reverb.php: servers.reverb.options.tls.local_cert'])]
    #[TestWith(['servers.reverb.scaling.enabled', 'REVERB_SCALING_ENABLED', '.env, a new line: REVERB_SCALING_ENABLED, or config/reverb.php: servers.reverb.scaling.enabled'])]
    #[TestWith(['apps.apps', '', 'config/reverb.php: apps.apps'])]
    #[TestWith(['version', '', 'config/reverb.php'])]
    #[TestWith(['', '', 'config/reverb.php'])]
    public function test_the_key_of_an_error_is_mapped_to_the_line_to_change(string $key, string $variable, string $place): void
    {
        $this->assertSame($place, (new ConfigPlaces)->of(EnvText::environment("REVERB_SERVER_PORT=70000\n"), $key, $variable));
    }
}
