<?php

declare(strict_types=1);

namespace Revurb\Tests\Bridge;

use Illuminate\Support\Arr;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\AddedKeys;
use Revurb\Bridge\ConfigExcerpt;

final class ConfigExcerptTest extends TestCase
{
    private const FILE = __DIR__.'/../../../php-bridge/config/reverb.php';

    private function excerpt(): ConfigExcerpt
    {
        return new ConfigExcerpt((string) file_get_contents(self::FILE));
    }

    /** @return list<string> */
    private function allPaths(): array
    {
        return AddedKeys::of(require self::FILE)->missingFrom([]);
    }

    public function test_an_excerpt_of_all_added_keys_is_php_that_yields_their_defaults(): void
    {
        $excerpt = eval("return [{$this->excerpt()->of($this->allPaths())}];");
        $added = AddedKeys::of($file = require self::FILE);

        $this->assertSame([], $added->missingFrom($excerpt));

        foreach (array_keys(Arr::dot($excerpt)) as $path) {
            $this->assertSame(Arr::get($file, $path), Arr::get($excerpt, $path));
            $this->assertContains(str_replace('apps.apps.0.', 'apps.apps.*.', $path), $this->allPaths());
        }
    }

    public function test_an_excerpt_has_keys_in_their_groups_with_their_comments(): void
    {
        $this->assertSame(<<<'PHP'
                'servers' => [
                    'reverb' => [
                        'revurb' => [
                            // Bytes that may wait for one slow client before it is disconnected.
                            'max_queued_bytes' => env('REVURB_MAX_QUEUED_BYTES', 1_048_576),
                        ],
                    ],
                ],
            PHP, $this->excerpt()->of(['servers.reverb.revurb.max_queued_bytes']));

        $this->assertSame('', $this->excerpt()->of([]));
    }

    public function test_every_added_key_has_a_default(): void
    {
        $defaults = $this->excerpt()->defaults($this->allPaths());

        $this->assertEqualsCanonicalizing($this->allPaths(), array_keys($defaults));
        $this->assertSame("env('REVURB_BUN')", $defaults['servers.reverb.revurb.bun']);
    }
}
