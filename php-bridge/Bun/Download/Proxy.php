<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use GuzzleHttp\Utils;
use SensitiveParameter;

/**
 * The proxy that Guzzle uses for an address, from the variables of the environment.
 */
final readonly class Proxy
{
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
        $no = array_filter(explode(',', str_replace(' ', '', (string) getenv('NO_PROXY'))));

        if ($source->url === null || ($no !== [] && Utils::isHostInNoProxy($source->host(), array_values($no)))) {
            return null;
        }

        // cURL itself reads the names in small letters.
        foreach ($source->isSecure() ? ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'] : ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'] as $variable) {
            $value = (string) getenv($variable);

            if ($value !== '') {
                return self::parsed($variable, $value);
            }
        }

        return null;
    }

    private static function parsed(string $variable, #[SensitiveParameter] string $value): self
    {
        $authority = (string) preg_replace('#^[a-z0-9]+://|/.*$#i', '', $value);
        $at = strrpos($authority, '@');
        $secrets = $at === false ? [] : explode(':', substr($authority, 0, $at), 2);

        return new self($variable, $at === false ? $authority : substr($authority, $at + 1), [...$secrets, ...array_map(rawurldecode(...), $secrets)]);
    }
}
