<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Address;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Unreachable;

/**
 * Whether the assets that Vite has built contain the current key and address: they keep those of the .env of their build. Assets whose
 * options of Echo are not written as in Laravel's resources/js/echo.js, or in its packages for React and Vue, are not judged.
 */
final readonly class Assets implements Check
{
    private const BUILD = 'npm run build';

    /** What Vite 5 to 7 leave of `import.meta.env === void 0 ? void 0 : …` in `@laravel/echo-vue` and `@laravel/echo-react`. */
    private const GUARD = '/(?<=[:(])[\w$]+===void 0\?void 0:/';

    /** Options of Echo as Vite 5 to 8 minify them, and what follows the key. */
    private const OPTIONS = '/(?<new>new [\w$.]+\(\{)?broadcaster:["\'`](?<broadcaster>reverb|pusher)["\'`],key:(?:["\'`](?<key>[^"\'`]*)["\'`]|void 0|undefined)(?<rest>[^{}]*)/';

    /** An option whose value is known. */
    private const VALUE = '/(?<=,)(?<name>wsHost|wsPort|wssPort):(?:["\'`](?<text>[^"\'`]*)["\'`]|void 0|undefined)(?=,|$)/';

    /** The option for TLS, and its value if that is a boolean, which may be left as a comparison, as above. Others are not judged. */
    private const FORCE_TLS = '/(?<=,)forceTLS:(?:(?:!(?<not>[01])|\(\(["\'`](?<scheme>[^"\'`]*)["\'`]\)\?\?"https"\)==="https")(?=,|$))?/';

    /** The host that pusher-js makes up for Reverb's options without one. */
    private const NO_HOST = 'ws-.pusher.com';

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private Application $app,
    ) {}

    public function run(): CheckResult
    {
        if ($this->context->env->devServer !== null) {
            return $this->served($this->context->env->devServer);
        }

        $browsers = $this->context->browsers;

        if ($browsers === null || $this->context->document === null) {
            return CheckResult::ok('not compared');
        }

        $found = null;
        $current = null;
        $built = [];

        foreach ($this->scripts() as $name => $script) {
            preg_match_all(self::OPTIONS, (string) preg_replace(self::GUARD, '', $script), $options, PREG_SET_ORDER);

            foreach ($options as $option) {
                $result = $this->judge("public/build/{$name}", $option, $browsers);
                $found ??= $result;
                $current ??= $result?->code === Code::Ok ? $result : null;

                if ($option['key'] === $browsers->key) {
                    $built[] = ["public/build/{$name}", $this->address($option['broadcaster'], $option['rest'], $browsers)];
                }
            }
        }

        if ($current !== null) {
            return $this->otherAddress($built, $browsers) ?? $current;
        }

        return $found ?? CheckResult::ok('no options of Echo found in public/build');
    }

    private function served(string $url): CheckResult
    {
        $answer = $this->probes->devServer();

        // A container may not reach the dev server of its host, to which browsers connect.
        return $answer instanceof Unreachable && ! $answer->isListening() ? CheckResult::warning(
            Code::AssetsHot,
            'public/hot',
            "Because of this file Laravel links every page to the dev server of Vite at {$url}, which does not answer this machine. If you develop with it, browsers may still reach it; otherwise no script loads: an `npm run dev` that is killed leaves the file behind.",
            'rm public/hot, or start npm run dev again, if it does not run',
        ) : CheckResult::ok('served by Vite, which reads .env at its start');
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
        return CheckResult::problem(Code::AssetsOutdated, $seen, $fault, match (true) {
            $this->context->appWith('key', $browsers->key) === null => "See addresses first: no app of the server has the key in .env ({$browsers->key}). Then ".self::BUILD.'.',
            ($this->vite($browsers, 'APP_KEY') ?? '') === '' => $this->withKey($browsers),
            default => self::BUILD,
        });
    }

    /** The line of .env with the key for browsers. Without one for Laravel, which then has it elsewhere, it is that key itself. */
    private function withKey(Browsers $browsers): string
    {
        $env = $this->context->env;
        $ofLaravel = substr($browsers->keyName, strlen('VITE_'));

        return $env->laravel($ofLaravel) === null ? $env->changeOrigin($browsers->keyName, $browsers->key) : $env->refer($browsers->keyName, $ofLaravel);
    }

    /**
     * The address in options of Echo, as pusher-js reads it, without what is made at run time. The values of .env are texts: a port that is a
     * number is a default of echo.js or written by hand, and then the scheme may be, too.
     *
     * @return array{host?: string, port?: int, isSecure?: bool}
     */
    private function address(string $broadcaster, string $options, Browsers $browsers): array
    {
        preg_match_all(self::VALUE, $options, $found, PREG_SET_ORDER | PREG_UNMATCHED_AS_NULL);
        preg_match(self::FORCE_TLS, $options, $tls, PREG_UNMATCHED_AS_NULL);
        $values = array_column($found, null, 'name');
        $isOfReverb = $broadcaster === 'reverb';
        $host = $values['wsHost']['text'] ?? '';

        if ($host === '' && isset($values['wsHost']) && $isOfReverb) {
            $host = self::NO_HOST;
        }

        // Options for Pusher do not have it from .env, and on pages over https it does not count.
        $isForced = $tls !== [] && $isOfReverb && ! $browsers->isSecureOnly();
        $isKnown = ! $isForced || isset($tls['not']) || isset($tls['scheme']);
        $isSecure = $isForced ? ($tls['not'] ?? null) === '0' || ($tls['scheme'] ?? null) === 'https' : $this->configured($browsers)->isSecure;
        $port = $isKnown ? $values[$isSecure ? 'wssPort' : 'wsPort'] ?? null : null;

        return array_filter([
            'host' => $host === '' ? null : $host,
            'port' => $port === null ? null : self::port($port['text'], $isSecure),
            'isSecure' => $port === null || ! $isForced ? null : $isSecure,
        ], static fn (mixed $value): bool => $value !== null);
    }

    /** The address that a build would have now. */
    private function configured(Browsers $browsers): Address
    {
        $isSecure = $browsers->isSecureOnly() || ($this->vite($browsers, 'SCHEME') ?? 'https') === 'https';

        return new Address($isSecure, $this->vite($browsers, 'HOST') ?: $browsers->address->host, self::port($this->vite($browsers, 'PORT'), $isSecure));
    }

    private function vite(Browsers $browsers, string $name): ?string
    {
        return $this->context->env->vite(str_replace('APP_KEY', $name, $browsers->keyName));
    }

    private static function port(?string $text, bool $isSecure): int
    {
        return (int) $text ?: ($isSecure ? 443 : 80);
    }

    /**
     * The address of .env has to be that of one connection at least: others may have one of their own.
     *
     * @param  list<array{string, array{host?: string, port?: int, isSecure?: bool}}>  $built  script and address of each connection
     */
    private function otherAddress(array $built, Browsers $browsers): ?CheckResult
    {
        $now = $this->configured($browsers);
        $isSet = array_filter([
            'host' => ($this->vite($browsers, 'HOST') ?? '') !== '',
            'port' => $this->vite($browsers, 'PORT') !== null,
            'isSecure' => $this->vite($browsers, 'SCHEME') !== null,
        ]);

        foreach ($built as [$seen, $address]) {
            foreach (array_intersect_key($address, $isSet) as $part => $value) {
                if (! in_array($now->$part, array_column(array_column($built, 1), $part), true)) {
                    $was = new Address($address['isSecure'] ?? $now->isSecure, $address['host'] ?? $now->host, $address['port'] ?? $now->port);
                    [$old, $new] = isset($address['port']) ? [$was->url(scheme: 'ws'), $now->url(scheme: 'ws')] : [$was->host, $now->host];

                    return CheckResult::warning(Code::AssetsOutdated, $seen, "It was built for browsers to connect to {$old}, and .env has {$new}.", self::BUILD);
                }
            }
        }

        return null;
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
