<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * Short texts by which two configurations are compared without showing either. They are keyed with APP_KEY: without it, no secret can be
 * guessed from a fingerprint.
 */
final readonly class Fingerprint
{
    /** Parts of the document that are no setting of the server, or have a fingerprint of their own. */
    private const LEFT_OUT = ['version' => true, 'events' => true, 'acknowledges_events' => true, 'apps' => true, 'hand_over' => true, 'restart' => true];

    public function __construct(private ReverbConfig $config) {}

    /** The fingerprint of every setting except the apps, which change without a restart. Null without APP_KEY. */
    public function ofConfiguration(Document $document): ?string
    {
        $server = $this->config->server();

        // The address from which `reverb:bun` downloads is read by no server.
        if (is_array($server['revurb'] ?? null)) {
            unset($server['revurb']['bun_mirror']);
        }

        return $this->of('configuration', [$server, array_diff_key($document->content, self::LEFT_OUT)]);
    }

    /** @param  mixed  $apps  as the document has them */
    public function ofApps(mixed $apps): ?string
    {
        return $this->of('apps', $apps);
    }

    /** The fingerprint of the application, which is the same for all of its servers. */
    public function ofApplication(): ?string
    {
        return $this->of('application', '');
    }

    private function of(string $purpose, mixed $value): ?string
    {
        $key = $this->config->appKey();

        if ($key === null) {
            return null;
        }

        $json = (string) json_encode($value, JSON_PARTIAL_OUTPUT_ON_ERROR);
        $canonical = (string) json_encode(self::sorted(json_decode($json, true)));

        return substr(hash_hmac('sha256', $canonical, hash_hmac('sha256', "revurb-fingerprint-{$purpose}", $key)), 0, 32);
    }

    /** Sorts keys, whose order does not matter, and keeps the order of lists. */
    private static function sorted(mixed $value): mixed
    {
        if (! is_array($value)) {
            return $value;
        }

        if (! array_is_list($value)) {
            ksort($value);
        }

        return array_map(self::sorted(...), $value);
    }
}
