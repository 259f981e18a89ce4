<?php

declare(strict_types=1);

namespace Revurb\Bridge;

use Revurb\Apps\App;
use Revurb\Apps\AppList;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Apps\UnusableApps;

/**
 * Builds the document from configuration, apps and command line. Values are passed on as they are and null ones are left out: the server
 * has the defaults and reports errors.
 */
final readonly class DocumentBuilder
{
    public function __construct(
        private ReverbConfig $config,
        private AppList $apps,
        private TlsOptions $tls,
        private Scaling $scaling,
    ) {}

    /**
     * @param  list<string>  $events  the events that the caller receives, and acknowledges line by line
     *
     * @throws UnknownAppProvider|UnreadableApps|UnusableApps|UnusableRedis
     */
    public function build(Overrides $overrides = new Overrides, array $events = []): Document
    {
        return new Document([
            'version' => Document::VERSION,
            'debug' => $overrides->debug,
            'events' => $events,
            ...$events === [] ? [] : ['acknowledges_events' => true],
            'server' => $this->server($overrides),
            'scaling' => $this->scaling->toArray(),
            'apps' => $this->apps(),
        ]);
    }

    /**
     * The apps as they are now.
     *
     * @return list<array<string, mixed>>
     *
     * @throws UnknownAppProvider|UnreadableApps|UnusableApps
     */
    public function apps(): array
    {
        return array_map(self::app(...), $this->apps->read());
    }

    /** @return array<string, mixed> */
    private function server(Overrides $overrides): array
    {
        $given = self::present(get_object_vars($overrides));
        $server = [...self::only($this->config->server(), Schema::SERVER), ...self::only($given, Schema::SERVER)];
        $hostname = $server['hostname'] ?? null;

        return self::present([
            ...$server,
            ...self::only($this->config->revurbOptions(), Schema::REVURB),
            ...$this->unknownOptions(),
            'tls' => $this->tls->resolve($this->sslContext(), is_string($hostname) ? $hostname : null),
        ]);
    }

    /**
     * Keys of `servers.reverb.revurb` that do not exist, such as mistyped ones: the server warns about each. Their values stay here, since
     * they may be secrets.
     *
     * @return array<string, string>
     */
    private function unknownOptions(): array
    {
        $names = array_filter(array_keys(self::present($this->config->revurbOptions())), is_string(...));

        return array_fill_keys(array_diff($names, Schema::REVURB, Schema::REVURB_OF_PHP, Schema::SERVER, ['tls']), '');
    }

    /** @return array<array-key, mixed> */
    private function sslContext(): array
    {
        $options = $this->config->server()['options'] ?? [];
        $context = is_array($options) ? $options['tls'] ?? [] : [];

        return is_array($context) ? $context : [];
    }

    /** @return array<string, mixed> */
    private static function app(App $app): array
    {
        $settings = $app->settings;

        // They are objects in the document. An empty array of PHP would be a list in JSON.
        foreach (Schema::APP_GROUPS as $group) {
            if (($settings[$group] ?? null) === []) {
                unset($settings[$group]);
            }
        }

        if (is_array($settings['allowed_origins'] ?? null)) {
            $settings['allowed_origins'] = array_values($settings['allowed_origins']);
        }

        return self::present(['app_id' => $app->id, 'key' => $app->key, 'secret' => $app->secret, ...$settings]);
    }

    /**
     * @param  array<array-key, mixed>  $values
     * @param  list<string>  $keys
     * @return array<string, mixed>
     */
    private static function only(array $values, array $keys): array
    {
        /** @var array<string, mixed> */
        return self::present(array_intersect_key($values, array_flip($keys)));
    }

    /**
     * @template TKey of array-key
     *
     * @param  array<TKey, mixed>  $values
     * @return array<TKey, mixed>
     */
    private static function present(array $values): array
    {
        return array_filter($values, static fn (mixed $value): bool => $value !== null);
    }
}
