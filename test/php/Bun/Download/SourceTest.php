<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun\Download;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\Download\Source;
use Revurb\Bun\Download\UnusableMirror;

final class SourceTest extends TestCase
{
    private static function source(?string $mirror): Source
    {
        return Source::of($mirror, '1.4.5', 'linux-x64');
    }

    #[TestWith([null, 'https://github.com/oven-sh/bun/releases/download/bun-v1.4.5/bun-linux-x64.zip'])]
    #[TestWith(['https://mirror.test/bun', 'https://mirror.test/bun/bun-v1.4.5/bun-linux-x64.zip'])]
    #[TestWith(['https://mirror.test', 'https://mirror.test/bun-v1.4.5/bun-linux-x64.zip'])]
    #[TestWith([' http://mirror.test:8081/a/ ', 'http://mirror.test:8081/a/bun-v1.4.5/bun-linux-x64.zip'])]
    #[TestWith(['HTTPS://mirror.test/', 'https://mirror.test/bun-v1.4.5/bun-linux-x64.zip'])]
    #[TestWith(['https://registry.npmjs.org/@oven/bun-{target}/-/bun-{target}-{version}.tgz', 'https://registry.npmjs.org/@oven/bun-linux-x64/-/bun-linux-x64-1.4.5.tgz'])]
    #[TestWith(['https://mirror.test/{version}', 'https://mirror.test/1.4.5'])]
    #[TestWith(['https://mirror.test/files/my-bun.zip', 'https://mirror.test/files/my-bun.zip'])]
    #[TestWith(['https://mirror.test/my-bun.TAR.GZ?token=secret', 'https://mirror.test/my-bun.TAR.GZ?token=secret'])]
    #[TestWith(['https://[::1]:8443/m', 'https://[::1]:8443/m/bun-v1.4.5/bun-linux-x64.zip'])]
    public function test_an_address_is_a_template_an_archive_or_a_base(?string $mirror, string $url): void
    {
        $source = self::source($mirror);

        $this->assertSame([$url, null, null], [$source->url, $source->file, $source->credentials]);
    }

    #[TestWith(['/mnt/mirror/bun-{target}-{version}.tgz', '/mnt/mirror/bun-linux-x64-1.4.5.tgz'])]
    #[TestWith(['/mnt/mirror/bun', '/mnt/mirror/bun'])]
    #[TestWith(['file:///mnt/my%20mirror/{target}.zip', '/mnt/my mirror/linux-x64.zip'])]
    public function test_a_path_is_that_of_a_file(string $mirror, string $file): void
    {
        $source = self::source($mirror);

        $this->assertSame([null, $file, $file, false], [$source->url, $source->file, $source->shown(), $source->isSecure()]);
    }

    #[TestWith(['https://jane:p%40ss%2Fword@mirror.test/x', ['jane', 'p@ss/word'], 'https://mirror.test/x/bun-v1.4.5/bun-linux-x64.zip'])]
    #[TestWith(['https://token@mirror.test/x.zip', ['token', ''], 'https://mirror.test/x.zip'])]
    #[TestWith(['http://jane:a@b@mirror.test/x.zip?key=secret#part', ['jane', 'a@b'], 'http://mirror.test/x.zip?…'])]
    public function test_credentials_are_not_in_the_address(string $mirror, mixed $credentials, string $shown): void
    {
        $source = self::source($mirror);

        $this->assertSame([$credentials, $shown], [$source->credentials, $source->shown()]);
        $this->assertStringNotContainsString('@', (string) $source->url);
    }

    #[TestWith(['https://mirror.test/x', true, 'mirror.test'])]
    #[TestWith(['http://mirror.test/x', false, 'mirror.test'])]
    #[TestWith(['https://jane:secret@mirror.test:8443/x', true, 'mirror.test'])]
    public function test_the_host_is_known(string $mirror, bool $isSecure, string $host): void
    {
        $this->assertSame([$isSecure, $host], [self::source($mirror)->isSecure(), self::source($mirror)->host()]);
    }

    #[TestWith(['mirror.test/bun', 'must be an http or https address, or the absolute path of a file, in either of which {version} and {target} stand for those of Bun.'])]
    #[TestWith(['storage/bun.zip', 'must be an http or https address'])]
    #[TestWith(['', 'must be an http or https address'])]
    #[TestWith(['https://', 'must be an http or https address'])]
    #[TestWith(['https://jane:secret@[::1/x.zip?key=secret', 'must be an http or https address'])]
    #[TestWith(['https://jane:secret@mirror.test:99999/', 'must be an http or https address'])]
    #[TestWith(['https:///x', 'must be an http or https address'])]
    #[TestWith(['https://mirror .test/x', 'must be an http or https address'])]
    #[TestWith(['ftp://jane:secret@mirror.test/x', 'and begins with ftp:.'])]
    #[TestWith(['https://jane:secret@mirror.test/{arch}/x.zip', 'may contain {version} and {target}, and contains {arch}.'])]
    #[TestWith(['https://mirror.test/{version', 'and contains {version.'])]
    public function test_another_value_is_an_error_that_names_variable_and_key(string $mirror, string $error): void
    {
        try {
            self::source($mirror);
            $this->fail('It was taken all the same.');
        } catch (UnusableMirror $exception) {
            $this->assertStringStartsWith('REVURB_BUN_MIRROR (config/reverb.php: servers.reverb.revurb.bun_mirror) ', $exception->getMessage());
            $this->assertStringContainsString($error, $exception->getMessage());
            $this->assertStringNotContainsString('secret', $exception->getMessage());
        }
    }
}
