<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use GuzzleHttp\Utils;
use SensitiveParameter;

/**
 * The proxy for an address, from the variables of the environment. Versions of Guzzle differ in which of them they
 * read, so the proxy is passed to Guzzle as an option.
 */
final readonly class Proxy
{
    private const VARIABLES = ['http' => ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'], 'https' => ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']];

    /**
     * @param  string  $shown  host and port, without user name and password
     * @param  list<string>  $secrets
     */
    private function __construct(
        public string $variable,
        public string $shown,
        #[SensitiveParameter] public array $secrets,
    ) {}

    public static function of(Source $source): ?self
    {
        $variable = self::variable($source->isSecure() ? 'https' : 'http');
        $exceptions = self::exceptions();

        return $source->url === null || $variable === null || ($exceptions !== [] && self::isException($source->host(), $exceptions))
            ? null
            : self::parsed($variable, (string) getenv($variable));
    }

    /**
     * Guzzle 8 has it in another class than Guzzle 7.
     *
     * @param  list<string>  $exceptions
     */
    private static function isException(string $host, array $exceptions): bool
    {
        $matches = [class_exists('GuzzleHttp\ProxyOptions') ? 'GuzzleHttp\ProxyOptions' : Utils::class, 'isHostInNoProxy'];

        return is_callable($matches) && $matches($host, $exceptions) === true;
    }

    /** @return array{http: string, https: string, no: list<string>} for Guzzle, also for what an address redirects to; empty: none */
    public static function options(): array
    {
        return ['http' => self::value('http'), 'https' => self::value('https'), 'no' => self::exceptions()];
    }

    /** @param  'http'|'https'  $scheme */
    private static function value(string $scheme): string
    {
        $variable = self::variable($scheme);

        return $variable === null ? '' : (string) getenv($variable);
    }

    /** @param  'http'|'https'  $scheme */
    private static function variable(string $scheme): ?string
    {
        foreach (self::VARIABLES[$scheme] as $variable) {
            // In a web server, a client can set HTTP_PROXY by a header.
            if ((string) getenv($variable) !== '' && ($variable !== 'HTTP_PROXY' || PHP_SAPI === 'cli')) {
                return $variable;
            }
        }

        return null;
    }

    /** @return list<string> hosts for which there is no proxy */
    private static function exceptions(): array
    {
        return array_values(array_filter(explode(',', str_replace(' ', '', (string) (getenv('NO_PROXY') ?: getenv('no_proxy'))))));
    }

    private static function parsed(string $variable, #[SensitiveParameter] string $value): self
    {
        $authority = (string) preg_replace('#^[a-z0-9]+://|/.*$#i', '', $value);
        $at = strrpos($authority, '@');
        $secrets = $at === false ? [] : explode(':', substr($authority, 0, $at), 2);

        return new self($variable, $at === false ? $authority : substr($authority, $at + 1), [...$secrets, ...array_map(rawurldecode(...), $secrets)]);
    }
}
