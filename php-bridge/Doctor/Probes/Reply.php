<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

/**
 * An HTTP response. After a 101 its body consists of the frames that have arrived.
 */
final readonly class Reply
{
    /**
     * @param  array<string, string>  $headers  by lower-case names
     * @param  float  $time  the time of this machine when it arrived
     */
    public function __construct(
        public int $status,
        public array $headers = [],
        public string $body = '',
        public float $time = 0.0,
    ) {}

    /**
     * Why the server itself refuses the request, by the code in src/http/refusal-header.ts; empty if it does not, or a proxy has responded.
     */
    public function refusal(): string
    {
        return trim(explode(';', $this->header('revurb-refusal'))[0]);
    }

    /** Whether the server refuses the key of a signed request, and not its signature: the secret is the right one. */
    public function refusesKey(): bool
    {
        return $this->refusal() === 'request-signature' && $this->refusalParameter('part') === 'auth_key';
    }

    /** Whether it refuses the signature: the secret is another one, and the key may be too. */
    public function refusesSecret(): bool
    {
        return $this->refusal() === 'request-signature' && ! $this->refusesKey();
    }

    /** Whether it comes from Laravel: Symfony sends this header with every page that sets no other. */
    public function isOfLaravel(): bool
    {
        return $this->header('cache-control') === 'no-cache, private';
    }

    /** A value that the refusal has beside its code; empty if it has none of that name. */
    public function refusalParameter(string $name): string
    {
        return preg_match("/;\\s*{$name}=([^;\\s]+)/", $this->header('revurb-refusal'), $found) === 1 ? $found[1] : '';
    }

    public function header(string $name): string
    {
        return $this->headers[$name] ?? '';
    }

    /** @return array<array-key, mixed> empty if the body is no JSON */
    public function json(): array
    {
        $value = json_decode($this->body, true);

        return is_array($value) ? $value : [];
    }
}
