<?php

declare(strict_types=1);

namespace Revurb\Tests\Broadcasting;

use ArrayObject;
use GuzzleHttp\Psr7\Request;
use Illuminate\Config\Repository;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Bridge\ReverbConfig;
use Revurb\Broadcasting\Attempt;
use Revurb\Broadcasting\FailedAttempts;
use Revurb\Tests\Support\FakeCache;
use Revurb\Tests\Support\FakeJob;
use Revurb\Tests\Support\FakeReports;

final class AttemptTest extends TestCase
{
    private function attempt(): Attempt
    {
        $failedAttempts = new FailedAttempts(new FakeCache, new ReverbConfig(new Repository), new FakeReports);

        return new Attempt(new FakeJob('a-job', fn () => null, payload: ['revurbAttempt' => 'given']), $failedAttempts);
    }

    private function key(string $method = 'POST', string $uri = '/apps/1/events?auth_timestamp=1', string $body = '{}'): ?string
    {
        return $this->attempt()->keyFor(new Request($method, $uri, body: $body));
    }

    public function test_the_key_of_a_publish_does_not_depend_on_time_and_signature(): void
    {
        $this->assertSame($this->key(), $this->key(uri: '/apps/1/events?auth_timestamp=2&auth_signature=x'));
    }

    #[TestWith(['PUT', '/apps/1/events', '{}'])]
    #[TestWith(['POST', '/apps/2/events', '{}'])]
    #[TestWith(['POST', '/apps/1/events', '[]'])]
    public function test_the_key_of_a_publish_depends_on_method_path_and_body(string $method, string $uri, string $body): void
    {
        $this->assertNotSame($this->key(), $this->key($method, $uri, $body));
    }

    public function test_it_remembers_a_bounded_number_of_publishes(): void
    {
        $attempt = $this->attempt();
        $publish = fn (int $i): ?string => $attempt->keyFor(new Request('POST', '/apps/1/events', body: (string) $i));

        $before = memory_get_usage();
        $keyed = count(array_filter(array_map(static fn (int $i): bool => $publish($i) !== null, range(1, 12_000))));

        $this->assertSame(10_000, $keyed);
        $this->assertLessThan(3 * 1024 * 1024, memory_get_usage() - $before);
        $this->assertNotNull($publish(1));
    }

    public function test_queued_events_have_ids_by_content_and_count(): void
    {
        $ids = fn (Attempt $attempt): array => array_map($attempt->idFor(...), [new ArrayObject(['a']), new ArrayObject(['b']), new ArrayObject(['a'])]);

        $this->assertCount(3, array_unique($ids($this->attempt())));
        $this->assertSame($ids($this->attempt()), $ids($this->attempt()));
    }

    public function test_an_event_that_cannot_be_serialized_has_no_id(): void
    {
        $this->assertNull($this->attempt()->idFor(fn () => null));
    }
}
