<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\TlsOptions;

final class TlsOptionsTest extends TestCase
{
    private string $folder;

    private TlsOptions $tls;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        $certificates = $this->folder.'/.config/valet/Certificates';
        mkdir($certificates, recursive: true);
        mkdir($this->folder.'/certs');

        foreach (['certs/ws.pem', '.config/valet/Certificates/app.test.crt', '.config/valet/Certificates/app.test.key', '.config/valet/Certificates/half.test.crt'] as $file) {
            touch("{$this->folder}/{$file}");
        }

        $this->tls = new TlsOptions($this->folder, $this->folder);
    }

    protected function tearDown(): void
    {
        (new Filesystem)->deleteDirectory($this->folder);
    }

    public function test_without_a_certificate_there_is_no_tls(): void
    {
        $this->assertNull($this->tls->resolve([], null));
        $this->assertNull($this->tls->resolve(['local_cert' => null, 'verify_peer' => false], 'example.com'));
        $this->assertNull($this->tls->resolve([], 'half.test'));
        $this->assertNull($this->tls->resolve([], '../../etc'));
    }

    public function test_empty_options_are_left_out_and_false_ones_kept(): void
    {
        $this->assertSame(
            ['local_cert' => '/c.pem', 'verify_peer' => false],
            $this->tls->resolve(['local_cert' => '/c.pem', 'passphrase' => '', 'cafile' => null, 'verify_peer' => false], null),
        );
    }

    public function test_files_are_found_from_the_folder_of_the_app(): void
    {
        $this->assertSame(
            ['local_cert' => $this->folder.'/certs/ws.pem', 'local_pk' => 'certs/missing.key'],
            $this->tls->resolve(['local_cert' => 'certs/ws.pem', 'local_pk' => 'certs/missing.key'], null),
        );
    }

    public function test_client_options_need_no_certificate(): void
    {
        $this->assertSame([], $this->tls->readable(['cafile' => null, 'local_cert' => '', 'verify_peer' => null]));
        $this->assertSame(
            ['cafile' => $this->folder.'/certs/ws.pem', 'verify_peer' => false],
            $this->tls->readable(['cafile' => 'certs/ws.pem', 'passphrase' => '', 'verify_peer' => false]),
        );
    }

    #[TestWith(['off', false])]
    #[TestWith(['No', false])]
    #[TestWith(['false', false])]
    #[TestWith(['0', false])]
    #[TestWith(['on', true])]
    #[TestWith(['YES', true])]
    #[TestWith(['1', true])]
    #[TestWith([true, true])]
    #[TestWith([false, false])]
    #[TestWith(['maybe', 'maybe'])]
    public function test_texts_such_as_off_become_booleans(mixed $written, mixed $option): void
    {
        $this->assertSame(
            ['verify_peer' => $option, 'verify_peer_name' => $option, 'ciphers' => 'on'],
            $this->tls->readable(['verify_peer' => $written, 'verify_peer_name' => $written, 'ciphers' => 'on']),
        );
    }

    public function test_the_certificate_of_the_hostname_is_found(): void
    {
        $stem = $this->folder.'/.config/valet/Certificates/app.test';

        $this->assertSame(['local_cert' => "{$stem}.crt", 'local_pk' => "{$stem}.key"], $this->tls->resolve([], 'app.test'));
        $this->assertSame(['local_cert' => "{$stem}.crt", 'local_pk' => "{$stem}.key"], $this->tls->resolve([], 'https://app.test'));
        $this->assertSame(['local_cert' => '/own.pem'], $this->tls->resolve(['local_cert' => '/own.pem'], 'app.test'));
    }
}
