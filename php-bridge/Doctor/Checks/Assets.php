<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Doctor\Check;
use Revurb\Doctor\Code;
use Revurb\Doctor\Finding;
use Revurb\Doctor\Setup\Setup;

/**
 * Whether the assets that Vite has built hold the key and the address of now: they keep those of the .env of their build.
 * Assets in which Echo's options are not written as Laravel's resources/js/echo.js writes them are not judged.
 */
final readonly class Assets implements Check
{
    private const BUILD = 'npm run build';

    /** A text in any quotes: minifiers prefer others than people. */
    private const TEXT = '["\'`]([^"\'`]*)["\'`]';

    public function __construct(
        private Setup $setup,
        private Application $app,
    ) {}

    public function look(): Finding
    {
        if (is_file($this->app->publicPath('hot'))) {
            return Finding::ok('served by Vite, which reads .env at its start');
        }

        foreach ($this->scripts() as $name => $script) {
            if (preg_match('/broadcaster:["\'`](?:reverb|pusher)["\'`],key:(?:'.self::TEXT.'|void 0|undefined)/', $script, $options) === 1) {
                return $this->judge($name, $options[1] ?? '', $script);
            }
        }

        return Finding::ok('no options of Echo found in public/build');
    }

    private function judge(string $name, string $key, string $script): Finding
    {
        $browsers = $this->setup->browsers;
        $seen = "public/build/{$name}";

        if ($browsers === null || $this->setup->document === null) {
            return Finding::ok("{$seen}: not compared");
        }

        if ($this->setup->appWith('key', $key) === null) {
            return Finding::problem(
                Code::AssetsOutdated,
                $seen,
                $key === '' ? 'It was built without a key, so that no browser connects.' : "It was built with the key {$key}, which the server does not know.",
                "{$this->setup->env->place($browsers->keyName)} as it is, and then ".self::BUILD,
            );
        }

        $host = preg_match('/wsHost:'.self::TEXT.'/', $script, $host) === 1 ? $host[1] : null;
        $now = $this->setup->env->vite("{$browsers->prefix}_HOST");

        return $host !== null && $now !== null && $host !== $now
            ? Finding::warning(Code::AssetsOutdated, $seen, "It was built for browsers to connect to {$host}, and .env has {$now}.", self::BUILD)
            : Finding::ok("{$seen}: built with the key of the app");
    }

    /** @return iterable<string, string> the text of each script, by its name */
    private function scripts(): iterable
    {
        $folder = $this->app->publicPath('build');
        $manifest = json_decode((string) @file_get_contents("{$folder}/manifest.json"), true);

        foreach (is_array($manifest) ? $manifest : [] as $chunk) {
            $file = is_array($chunk) ? $chunk['file'] ?? null : null;

            if (is_string($file) && str_ends_with($file, '.js')) {
                yield $file => (string) @file_get_contents("{$folder}/{$file}");
            }
        }
    }
}
