<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Fingerprint;
use Revurb\Bridge\Overrides;
use Revurb\Tests\Support\AppTestCase;

final class FingerprintTest extends AppTestCase
{
    /** @return array{string|null, string|null} */
    private function fingerprints(Overrides $overrides = new Overrides): array
    {
        $document = $this->make(DocumentBuilder::class)->build($overrides);
        $fingerprint = $this->make(Fingerprint::class);

        return [$fingerprint->ofConfiguration($document), $fingerprint->ofApps($document->content['apps'])];
    }

    public function test_the_same_configuration_has_the_same_fingerprint(): void
    {
        $first = $this->fingerprints();

        $this->assertSame($first, $this->fingerprints());
        $this->assertMatchesRegularExpression('/^[0-9a-f]{32}$/', (string) $first[0]);
        $this->assertNotSame($first[0], $first[1]);
    }

    #[TestWith(['reverb.servers.reverb.port', '9000'])]
    #[TestWith(['reverb.servers.reverb.max_request_size', 20_000])]
    #[TestWith(['reverb.servers.reverb.revurb.drain_seconds', 5])]
    #[TestWith(['reverb.servers.reverb.revurb.bun', '/opt/bun'])]
    #[TestWith(['reverb.servers.reverb.options.tls', ['local_cert' => '/etc/ssl/other.pem']])]
    #[TestWith(['reverb.servers.reverb.options.tls', ['local_cert' => '/etc/ssl/chat.pem', 'passphrase' => 'other']])]
    #[TestWith(['reverb.servers.reverb.scaling', ['enabled' => true, 'secret' => 'other']])]
    #[TestWith(['reverb.servers.reverb.pulse_ingest_interval', 60])]
    #[TestWith(['app.key', 'base64:b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q='])]
    public function test_a_changed_key_of_the_server_changes_the_fingerprint_of_the_configuration(string $key, mixed $value): void
    {
        $this->configure(['reverb.servers.reverb.options.tls' => ['local_cert' => '/etc/ssl/chat.pem', 'passphrase' => 'one']]);
        $before = $this->fingerprints();
        $this->configure([$key => $value]);

        $this->assertNotSame($before[0], $this->fingerprints()[0]);
    }

    /** It may be set on one machine alone, or in the terminal of a single command. */
    public function test_the_address_for_downloads_of_bun_is_no_setting_of_the_server(): void
    {
        $before = $this->fingerprints();
        $this->configure(['reverb.servers.reverb.revurb.bun_mirror' => 'https://mirror.test/bun.zip']);

        $this->assertSame($before, $this->fingerprints());
    }

    #[TestWith(['reverb.apps.apps.0.secret', 'other'])]
    #[TestWith(['reverb.apps.apps.0.limits', ['presence_members' => 5]])]
    #[TestWith(['reverb.apps.apps.0.allowed_origins', ['example.com']])]
    public function test_a_changed_key_of_an_app_changes_the_fingerprint_of_the_apps(string $key, mixed $value): void
    {
        $before = $this->fingerprints();
        $this->configure([$key => $value]);

        $this->assertSame($before[0], $this->fingerprints()[0]);
        $this->assertNotSame($before[1], $this->fingerprints()[1]);
    }

    public function test_options_of_the_command_line_change_the_fingerprint_and_reproduce_it(): void
    {
        $overrides = new Overrides(port: '9000', debug: true);

        $this->assertNotSame($this->fingerprints()[0], $this->fingerprints($overrides)[0]);
        $this->assertSame(['port' => '9000', 'debug' => true], $overrides->toOptions());
        $this->assertSame($this->fingerprints($overrides), $this->fingerprints(Overrides::fromOptions($overrides->toOptions())));
    }

    public function test_apps_sent_to_the_server_have_the_same_fingerprint_as_those_of_the_document(): void
    {
        $document = $this->make(DocumentBuilder::class)->build();
        $told = json_decode((string) json_encode($document->content), true);

        $this->assertIsArray($told);
        $this->assertSame($this->fingerprints()[1], $this->make(Fingerprint::class)->ofApps($told['apps']));
    }

    public function test_the_order_of_a_list_changes_the_fingerprint_and_that_of_keys_does_not(): void
    {
        $fingerprint = $this->make(Fingerprint::class);

        $this->assertSame($fingerprint->ofApps([['a' => 1, 'b' => 2]]), $fingerprint->ofApps([['b' => 2, 'a' => 1]]));
        $this->assertNotSame($fingerprint->ofApps([1, 2]), $fingerprint->ofApps([2, 1]));
    }

    public function test_without_an_app_key_there_is_no_fingerprint(): void
    {
        $this->configure(['app.key' => '']);

        $this->assertSame([null, null], $this->fingerprints());
    }
}
