<?php

declare(strict_types=1);

namespace Revurb\Tests\Broadcasting;

use GuzzleHttp\Psr7\Request;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Broadcasting\Attempt;
use Revurb\Tests\Support\FakeJob;

final class AttemptTest extends TestCase
{
    private function key(string $method = 'POST', string $uri = '/apps/1/events?auth_timestamp=1', string $body = '{}'): ?string
    {
        return (new Attempt(new FakeJob('a-job', fn () => null)))->keyFor(new Request($method, $uri, body: $body));
    }

    public function test_time_and_signature_do_not_count(): void
    {
        $this->assertSame($this->key(), $this->key(uri: '/apps/1/events?auth_timestamp=2&auth_signature=x'));
    }

    #[TestWith(['PUT', '/apps/1/events', '{}'])]
    #[TestWith(['POST', '/apps/2/events', '{}'])]
    #[TestWith(['POST', '/apps/1/events', '[]'])]
    public function test_what_is_asked_counts(string $method, string $uri, string $body): void
    {
        $this->assertNotSame($this->key(), $this->key($method, $uri, $body));
    }
}
