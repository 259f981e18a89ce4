<?php

declare(strict_types=1);

namespace Revurb\Tests\Stubs;

use Illuminate\Contracts\Console\Kernel;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Bun\BunRelease;
use Revurb\Stubs\AppValues;
use Revurb\Stubs\StubFile;
use Revurb\Stubs\Stubs;
use Revurb\Stubs\UnknownStub;
use Revurb\Tests\Support\AppTestCase;

final class StubsTest extends AppTestCase
{
    private const NAMES = ['apache', 'caddy', 'docker', 'docker-php', 'forge', 'haproxy', 'kubernetes', 'nginx', 'sail', 'supervisor', 'systemd'];

    public function test_there_is_a_stub_for_each_environment(): void
    {
        $stubs = new Stubs;
        $description = $this->make(Kernel::class)->all()['reverb:install']->getDefinition()->getOption('stubs')->getDescription();

        $this->assertSame(self::NAMES, $stubs->names());
        $this->assertStringContainsString(implode(',', self::NAMES), $description);
        $this->assertSame(self::NAMES, array_values(array_unique(array_map(static fn (StubFile $file): string => $file->stub, $stubs->files()))));
    }

    public function test_stubs_can_be_chosen_by_name(): void
    {
        $targets = array_map(static fn (StubFile $file): string => $file->target(), (new Stubs)->files('systemd, nginx,nginx,'));

        $this->assertSame([
            'deploy/revurb/systemd/revurb.service',
            'deploy/revurb/nginx/revurb-map.conf',
            'deploy/revurb/nginx/revurb.conf',
        ], $targets);
    }

    #[TestWith(['nginx,traefik,iis', 'There is no stub called traefik, iis. There are apache, caddy, docker,'])]
    #[TestWith(['../stubs/nginx', 'There is no stub called ../stubs/nginx.'])]
    #[TestWith([' , ', 'No stub was named. There are apache, caddy, docker,'])]
    public function test_an_unknown_stub_is_named_with_the_known_ones(string $chosen, string $message): void
    {
        $this->expectException(UnknownStub::class);
        $this->expectExceptionMessage($message);

        (new Stubs)->files($chosen);
    }

    public function test_every_placeholder_has_a_value_and_every_value_a_placeholder(): void
    {
        $values = $this->make(AppValues::class)->all();
        $used = [];

        foreach ((new Stubs)->files() as $file) {
            preg_match_all('/\{\{ (\w+) \}\}/', (string) file_get_contents($file->source), $found);
            $used = [...$used, ...$found[1]];
            $text = $file->text($values);

            $this->assertStringNotContainsString('{{', $text, $file->source);
            $this->assertNotSame([], StubFile::head($text), $file->source);
        }

        $this->assertEqualsCanonicalizing([...array_keys($values), 'folder'], array_values(array_unique($used)));
    }

    public function test_every_stub_explains_how_to_use_it(): void
    {
        foreach (self::NAMES as $name) {
            $heads = array_merge(...array_map(static fn (StubFile $file): array => StubFile::head((string) file_get_contents($file->source)), (new Stubs)->files($name)));

            $this->assertNotSame([], preg_grep('/^ {4}\S/', $heads), $name);
        }
    }

    public function test_a_head_ends_with_the_first_line_that_is_no_comment(): void
    {
        $this->assertSame(['One', '', '    two'], StubFile::head("# One\n#\n#     two\n\n# three\n"));
        $this->assertSame(['One'], StubFile::head("; One\n[program]\n"));
        $this->assertSame([], StubFile::head("text\n# One\n"));
    }

    public function test_every_file_is_in_the_documentation(): void
    {
        $page = (string) file_get_contents(dirname(__DIR__, 3).'/docs/deployment.md');

        foreach ((new Stubs)->files() as $file) {
            $this->assertMatchesRegularExpression("~^\\| `{$file->stub}` \\|.*\\(\\.\\./stubs/{$file->stub}/".preg_quote(basename($file->source), '~').'\\)~m', $page);
        }
    }

    public function test_the_sections_of_the_documentation_that_files_name_exist(): void
    {
        $named = 0;

        foreach ((new Stubs)->files() as $file) {
            preg_match_all('~"([^"]+)" in (docs/\w+\.md)~', (string) file_get_contents($file->source), $found, PREG_SET_ORDER);

            foreach ($found as [, $heading, $page]) {
                $named++;
                $this->assertMatchesRegularExpression('~^##+ '.preg_quote($heading, '~').'$~m', (string) file_get_contents(dirname(__DIR__, 3).'/'.$page), $file->source);
            }
        }

        $this->assertSame(9, $named);
    }

    public function test_images_are_pinned_by_their_full_version_and_bun_is_the_same_everywhere(): void
    {
        $images = [];

        foreach ((new Stubs)->files() as $file) {
            preg_match_all('/^(?:FROM |ARG BUN_IMAGE=|.*--from=)([\w\/]+:\S+)/m', $file->text($this->make(AppValues::class)->all()), $found);
            $images = [...$images, ...$found[1]];
        }

        $php = 'php:'.PHP_MAJOR_VERSION.'.'.PHP_MINOR_VERSION.'.'.PHP_RELEASE_VERSION.'-cli';
        $bun = 'oven/bun:'.BunRelease::VERSION;
        $this->assertCount(4, $images);
        $this->assertEmpty(array_diff(["{$bun}-distroless", "{$bun}-slim", $php], $images));
        $this->assertCount(1, preg_grep('~^composer:\d+\.\d+\.\d+$~', $images) ?: []);
        $this->assertStringContainsString("\nCOPY --from={$bun}-slim /", (string) file_get_contents(dirname(__DIR__, 3).'/docs/docker.md'));
    }
}
