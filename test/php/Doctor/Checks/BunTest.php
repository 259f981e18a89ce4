<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunRelease;
use Revurb\Bun\BunStore;
use Revurb\Bun\BunTarget;
use Revurb\Bun\BunVersionProbe;
use Revurb\Bun\VersionProbe;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use Revurb\Tests\Support\FakeBun;

final class BunTest extends DoctorAppTestCase
{
    private const INSTALL = 'php artisan reverb:bun --install';

    protected function setUp(): void
    {
        parent::setUp();
        $this->application()->bind(BunFinder::class, fn (): BunFinder => new BunFinder($this->make(VersionProbe::class), $this->base, path: "{$this->base}/bin", store: $this->make(BunStore::class)));
    }

    /** Has a release of a shell script that plays Bun 1.4.99, and lets the check run the files that are there. */
    private function release(): void
    {
        $this->application()->instance(BunTarget::class, $target = new BunTarget);

        if ($target->name() === null) {
            $this->markTestSkipped('There is no Bun for this machine.');
        }

        $this->application()->instance(BunRelease::class, FakeBun::release());
        $this->application()->instance(VersionProbe::class, new BunVersionProbe);
        $this->configure(['reverb.servers.reverb.revurb.bun' => null]);
    }

    private function file(string $name, string $content, int $mode = 0755): string
    {
        @mkdir(dirname($file = "{$this->base}/{$name}"), recursive: true);
        file_put_contents($file, $content);
        chmod($file, $mode);

        return $file;
    }

    /** @return array{Status, Code, string} */
    private function seen(CheckResult $result): array
    {
        return [$result->status, $result->code, $result->subject];
    }

    public function test_a_missing_bun_is_a_problem_with_the_command_that_installs_it(): void
    {
        $this->configure(['reverb.servers.reverb.revurb.bun' => '/no/such/bun']);

        $this->assertFound(Status::Problem, '/no/such/bun', 'REVURB_BUN: another Bun, or no such line, and then: '.self::INSTALL, $this->found('bun'));
        $this->assertFound(Status::Warning, 'Without Bun', 'See bun.', $this->found('config'));

        $this->configure(['reverb.servers.reverb.revurb.bun' => null]);
        $this->assertFound(Status::Problem, 'was not found', self::INSTALL, $this->found('bun'));

        $this->write(['REVURB_BUN=/usr/bin/bun']);
        $this->assertFound(Status::Problem, 'was not found', 'php artisan config:cache', $this->found('bun'));
    }

    public function test_the_subject_names_version_place_and_the_tested_version(): void
    {
        $this->release();
        $inPath = $this->file('bin/bun', "#!/bin/sh\necho 1.4.100\n");
        $this->assertSame([Status::Ok, Code::Ok, "1.4.100, {$inPath} (PATH); tested with 1.4.99"], $this->seen($this->found('bun')));

        $inModules = $this->file('node_modules/.bin/bun', FakeBun::script());
        $this->assertSame([Status::Ok, Code::Ok, "1.4.99, {$inModules}; tested with 1.4.99"], $this->seen($this->found('bun')));

        $stored = $this->file('storage/revurb/'.FakeBun::name(), FakeBun::script());
        $this->assertSame([Status::Ok, Code::Ok, "1.4.99, {$stored}; tested with 1.4.99"], $this->seen($this->found('bun')));

        $this->configure(['reverb.servers.reverb.revurb.bun' => $inPath]);
        $this->assertSame([Status::Ok, Code::Ok, "1.4.100, {$inPath} (REVURB_BUN); tested with 1.4.99"], $this->seen($this->found('bun')));
    }

    #[TestWith(['1.4.98', 'which is newer; it runs with 1.4.0 or newer.'])]
    #[TestWith(['1.5.0', 'which is older; it runs with 1.4.0 or newer.'])]
    #[TestWith(['2.4.99', 'which is older; it runs with 1.4.0 or newer.'])]
    public function test_a_version_that_this_release_was_not_tested_with_is_a_hint(string $version, string $text): void
    {
        $this->release();
        $file = $this->file('bin/bun', "#!/bin/sh\necho {$version}\n");

        $result = $this->found('bun');
        $this->assertSame([Status::Hint, Code::BunUntested, "{$version}, {$file} (PATH)"], $this->seen($result));
        $this->assertFound(Status::Hint, "This release of Revurb was tested with Bun 1.4.99, {$text}", self::INSTALL.', and then: php artisan reverb:restart', $result);

        $this->configure(['reverb.servers.reverb.revurb.bun' => $file]);
        $this->assertFound(Status::Hint, $text, 'REVURB_BUN: Bun 1.4.99, or no such line, and then: '.self::INSTALL, $this->found('bun'));
    }

    /** After an update that has pinned a newer one: the server starts with it until the new one is stored. */
    public function test_a_stored_bun_of_an_earlier_release_is_a_hint(): void
    {
        $this->release();
        $old = $this->file('storage/revurb/bun-1.4.98-'.(new BunTarget)->name(), "#!/bin/sh\necho 1.4.98\n");

        $this->assertSame([Status::Hint, Code::BunUntested, "1.4.98, {$old}"], $this->seen($this->found('bun')));
    }

    public function test_a_stored_file_with_another_hash_is_a_problem(): void
    {
        $this->release();
        $stored = $this->file('storage/revurb/'.FakeBun::name(), FakeBun::script()."# one byte more\n");

        $result = $this->found('bun');
        $this->assertSame([Status::Problem, Code::BunDamaged, "1.4.99, {$stored}"], $this->seen($result));
        $this->assertFound(Status::Problem, 'The file is damaged: its SHA-512 is not the expected one.', self::INSTALL.' --force, and then: php artisan reverb:restart', $result);
    }

    public function test_a_stored_file_that_is_not_used_because_it_is_damaged_is_a_warning(): void
    {
        $this->release();
        $stored = $this->file('storage/revurb/'.FakeBun::name(), "#!/bin/sh\nexit 1\n");
        $used = $this->file('bin/bun', "#!/bin/sh\necho 1.4.99\n");

        $result = $this->found('bun');
        $this->assertSame([Status::Warning, Code::BunDamaged, "1.4.99, {$used} (PATH)"], $this->seen($result));
        $this->assertFound(Status::Warning, "{$stored} is damaged: its SHA-512 is not the expected one, so that another Bun is used.", self::INSTALL.' --force', $result);

        $this->configure(['reverb.servers.reverb.revurb.bun' => $used]);
        $this->assertSame(Status::Ok, $this->found('bun')->status, 'What is stored is of no importance where another one is named.');
    }

    public function test_a_stored_file_that_is_not_used_because_it_is_not_executable_is_a_warning(): void
    {
        $this->release();
        $this->file('storage/revurb/'.FakeBun::name(), FakeBun::script(), 0644);
        $this->assertFound(Status::Problem, 'is not executable', self::INSTALL, $this->found('bun'));

        $this->file('bin/bun', "#!/bin/sh\necho 1.4.99\n");
        $this->assertFound(Status::Warning, 'is not executable, so that another Bun is used', self::INSTALL, $this->found('bun'));
    }

    public function test_a_machine_for_which_nothing_can_be_downloaded_gets_no_hint(): void
    {
        $this->release();
        $this->application()->instance(BunTarget::class, new BunTarget('BSD', 'amd64'));
        $file = $this->file('bin/bun', "#!/bin/sh\necho 1.5.0\n");

        $this->assertSame([Status::Ok, Code::Ok, "1.5.0, {$file} (PATH); tested with 1.4.99"], $this->seen($this->found('bun')));
    }
}
