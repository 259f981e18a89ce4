<?php

declare(strict_types=1);

namespace Revurb\Bridge;

/**
 * Short texts by which two configurations are compared without either being shown. They are keyed with APP_KEY: without it no secret
 * can be guessed from a fingerprint by trying.
 */
final readonly class Fingerprint
{
    /** What is no setting of the server, or has a fingerprint of its own. */
    private const LEFT_OUT = ['version' => true, 'events' => true, 'acknowledges_events' => true, 'apps' => true, 'hand_over' => true, 'restart' => true];

    public function __construct(private ReverbConfig $config) {}

    /** Of every setting but the apps, which change without a restart. Null without APP_KEY. */
    public function ofConfiguration(Document $document): ?string
    {
        return $this->of('configuration', [$this->config->server(), array_diff_key($document->content, self::LEFT_OUT)]);
    }

    /** @param  mixed  $apps  as the document has them */
    public function ofApps(mixed $apps): ?string
    {
        return $this->of('apps', $apps);
    }

    /** The same for all servers of one application. */
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

    /** The order of keys is no setting; the order of a list is. */
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
