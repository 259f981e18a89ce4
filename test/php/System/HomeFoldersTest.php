<?php

declare(strict_types=1);

namespace Revurb\Tests\System;

use PHPUnit\Framework\Attributes\RequiresPhpExtension;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\System\HomeFolders;
use Revurb\System\Platform;

final class HomeFoldersTest extends TestCase
{
    private string|false $before;

    protected function setUp(): void
    {
        $this->before = getenv('HOME');
    }

    protected function tearDown(): void
    {
        putenv($this->before === false ? 'HOME' : "HOME={$this->before}");
    }

    /** @param  list<string>  $first */
    #[RequiresPhpExtension('posix')]
    #[TestWith(['HOME', []])]
    #[TestWith(['HOME=', []])]
    #[TestWith(['HOME=/home/somebody/else', ['/home/somebody/else']])]
    public function test_the_home_folder_is_found_without_the_variable(string $environment, array $first): void
    {
        putenv($environment);

        $this->assertSame([...$first, posix_getpwuid(posix_geteuid())['dir'] ?? null], HomeFolders::find());
    }

    #[RequiresPhpExtension('posix')]
    public function test_a_home_folder_is_listed_once(): void
    {
        putenv('HOME='.(posix_getpwuid(posix_geteuid())['dir'] ?? ''));

        $this->assertCount(1, HomeFolders::find());
    }

    public function test_on_windows_userprofile_is_a_home_folder(): void
    {
        putenv('HOME');
        putenv('USERPROFILE=C:\Users\somebody');

        try {
            $this->assertContains('C:\Users\somebody', HomeFolders::find(new Platform('Windows')));
            $this->assertNotContains('C:\Users\somebody', HomeFolders::find(new Platform('Linux')));
        } finally {
            putenv('USERPROFILE');
        }
    }
}
