<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\DoctorContext;

/**
 * Whether the assets that Vite has built contain the current key and address: they keep those of the .env of their build. Assets whose
 * options of Echo are not written as in Laravel's resources/js/echo.js are not judged.
 */
final readonly class Assets implements Check
{
    private const BUILD = 'npm run build';

    /** A text in any quotes, since minifiers prefer others than people. */
    private const TEXT = '["\'`]([^"\'`]*)["\'`]';

    /** Options of Echo as Vite 5 to 8 minify them, and what follows the key. */
    private const OPTIONS = '/(?<new>new [\w$.]+\(\{)?broadcaster:["\'`](?:reverb|pusher)["\'`],key:(?:["\'`](?<key>[^"\'`]*)["\'`]|void 0|undefined)(?<rest>[^{}]*)/';

    public function __construct(
        private DoctorContext $context,
        private Application $app,
    ) {}

    public function run(): CheckResult
    {
        if (is_file($this->app->publicPath('hot'))) {
            return CheckResult::ok('served by Vite, which reads .env at its start');
        }

        $browsers = $this->context->browsers;

        if ($browsers === null || $this->context->document === null) {
            return CheckResult::ok('not compared');
        }

        $found = null;

        foreach ($this->scripts() as $name => $script) {
            preg_match_all(self::OPTIONS, $script, $options, PREG_SET_ORDER);

            foreach ($options as $option) {
                $result = $this->judge("public/build/{$name}", $option, $browsers);

                if ($result?->code === Code::Ok) {
                    return $this->otherHost("public/build/{$name}", $option['rest'], $browsers) ?? $result;
                }

                $found ??= $result;
            }
        }

        return $found ?? CheckResult::ok('no options of Echo found in public/build');
    }

    /**
     * Null if it cannot be judged: packages for React and Vue have default options without a key, which the application replaces.
     *
     * @param  array<array-key, string>  $option
     */
    private function judge(string $seen, array $option, Browsers $browsers): ?CheckResult
    {
        $key = $option['key'] ?? '';

        return match (true) {
            $this->context->appWith('key', $key) !== null => CheckResult::ok("{$seen}: built with the key of the app"),
            $key !== '' => $this->outdated($seen, "It was built with the key {$key}, which no app of the server has.", $browsers),
            $option['new'] !== '' => $this->outdated($seen, 'It was built without a key, so that no browser connects.', $browsers),
            default => null,
        };
    }

    private function outdated(string $seen, string $fault, Browsers $browsers): CheckResult
    {
        return CheckResult::problem(Code::AssetsOutdated, $seen, $fault, "{$this->context->env->place($browsers->keyName)} as it is, and then ".self::BUILD);
    }

    private function otherHost(string $seen, string $options, Browsers $browsers): ?CheckResult
    {
        $host = preg_match('/wsHost:'.self::TEXT.'/', $options, $host) === 1 ? $host[1] : null;
        $now = $this->context->env->vite("{$browsers->prefix}_HOST");

        return $host !== null && $now !== null && $host !== $now
            ? CheckResult::warning(Code::AssetsOutdated, $seen, "It was built for browsers to connect to {$host}, and .env has {$now}.", self::BUILD)
            : null;
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
