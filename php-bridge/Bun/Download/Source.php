<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use GuzzleHttp\Psr7\Exception\MalformedUriException;
use GuzzleHttp\Psr7\Uri;
use SensitiveParameter;

/**
 * Where the archive with Bun comes from: Bun's own releases, a mirror, or a file of this machine.
 */
final readonly class Source
{
    public const VARIABLE = 'REVURB_BUN_MIRROR';

    public const KEY = 'servers.reverb.revurb.bun_mirror';

    private const GITHUB = 'https://github.com/oven-sh/bun/releases/download';

    /** What follows the base address, as GitHub has it. */
    private const LAYOUT = '/bun-v{version}/bun-{target}.zip';

    /** Addresses that end so are those of an archive, and no base. */
    private const ARCHIVES = '/\.(zip|tgz|tar\.gz)$/i';

    /**
     * @param  string|null  $url  without user name and password; null: it is a file
     * @param  array{string, string}|null  $credentials  user name and password
     */
    private function __construct(
        public ?string $url,
        public ?string $file = null,
        #[SensitiveParameter] public ?array $credentials = null,
    ) {}

    /**
     * @param  string|null  $mirror  as it is configured: an address or an absolute path, with `{version}` and `{target}`; or a base
     *                               address, to which the layout of GitHub is appended; null: GitHub
     *
     * @throws UnusableMirror
     */
    public static function of(#[SensitiveParameter] ?string $mirror, string $version, string $target): self
    {
        $mirror = trim($mirror ?? self::GITHUB);
        $isAddress = preg_match('#^[a-z][a-z0-9+.-]*://#i', $mirror, $scheme) === 1;

        if (preg_match('/\{(?!version\}|target\})[^}]*\}?/', $mirror, $unknown) === 1) {
            throw UnusableMirror::unknownPlaceholder($unknown[0]);
        }

        $isWhole = str_contains($mirror, '{') || preg_match(self::ARCHIVES, (string) parse_url($mirror, PHP_URL_PATH)) === 1;
        $fill = static fn (string $template): string => strtr($template, ['{version}' => $version, '{target}' => $target]);

        return match (true) {
            ! $isAddress && str_starts_with($mirror, '/') => new self(null, $fill($mirror)),
            ! $isAddress => throw UnusableMirror::noAddress(),
            strtolower($scheme[0]) === 'file://' => new self(null, rawurldecode($fill(substr($mirror, 7)))),
            ! in_array(strtolower($scheme[0]), ['http://', 'https://'], true) => throw UnusableMirror::scheme(strtolower(rtrim($scheme[0], ':/'))),
            default => self::address($fill($isWhole ? $mirror : rtrim($mirror, '/').self::LAYOUT)),
        };
    }

    public function isSecure(): bool
    {
        return str_starts_with((string) $this->url, 'https:');
    }

    public function host(): string
    {
        return (string) parse_url((string) $this->url, PHP_URL_HOST);
    }

    /** The address or the path, without what may be secret: a query may hold a token. */
    public function shown(): string
    {
        return $this->file ?? (string) preg_replace('/\?.*/s', '?…', (string) $this->url);
    }

    private static function address(#[SensitiveParameter] string $url): self
    {
        try {
            $uri = new Uri($url);
        } catch (MalformedUriException) {
            throw UnusableMirror::noAddress();
        }

        if ($uri->getHost() === '' || preg_match('/\s/', $url) === 1) {
            throw UnusableMirror::noAddress();
        }

        [$user, $password] = array_map(rawurldecode(...), [...explode(':', $uri->getUserInfo(), 2), '']);

        return new self((string) $uri->withUserInfo('')->withFragment(''), null, $user === '' ? null : [$user, $password]);
    }
}
