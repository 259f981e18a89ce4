<?php

declare(strict_types=1);

namespace Revurb\Tests\Stubs;

use Illuminate\Foundation\Events\VendorTagPublished;
use Revurb\Stubs\PublishedStubs;
use Revurb\Tests\Support\AppTestCase;

final class PublishedStubsTest extends AppTestCase
{
    public function test_published_files_have_the_values_of_the_application(): void
    {
        [$code] = $this->artisanCall('vendor:publish', ['--tag' => ['revurb-stubs']]);

        $this->assertSame(0, $code);
        $this->assertStringContainsString("\ndirectory={$this->base}\n", $this->published('supervisor/revurb.conf'));
        $this->assertStringContainsString('proxy_pass http://127.0.0.1:8080;', $this->published('nginx/revurb.conf'));
        $this->assertStringContainsString('client_max_body_size 85536;', $this->published('nginx/revurb.conf'));
        $this->assertFileExists("{$this->base}/deploy/revurb/docker-php/Dockerfile.dockerignore");
    }

    public function test_existing_files_are_overwritten_only_with_force(): void
    {
        $this->artisanCall('vendor:publish', ['--tag' => ['revurb-stubs']]);
        file_put_contents("{$this->base}/deploy/revurb/supervisor/revurb.conf", 'mine {{ app }}');

        $this->artisanCall('vendor:publish', ['--tag' => ['revurb-stubs']]);
        $this->assertSame('mine {{ app }}', $this->published('supervisor/revurb.conf'));

        $this->artisanCall('vendor:publish', ['--tag' => ['revurb-stubs'], '--force' => true]);
        $this->assertStringContainsString("\ndirectory={$this->base}\n", $this->published('supervisor/revurb.conf'));
    }

    public function test_files_of_other_packages_are_left_unchanged(): void
    {
        $this->make(PublishedStubs::class)->handle(new VendorTagPublished('other', ['/no/such/file' => '/no/such/target']));

        $this->assertDirectoryDoesNotExist("{$this->base}/deploy");
    }

    private function published(string $file): string
    {
        return (string) file_get_contents("{$this->base}/deploy/revurb/{$file}");
    }
}
