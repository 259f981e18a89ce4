<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\RoundTrip;
use Revurb\Doctor\Code;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;
use Revurb\Tests\Support\Doctor\FakeWebSocket;

final class RoundTripTest extends DoctorTestCase
{
    private function network(): FakeNetwork
    {
        $network = FakeNetwork::healthy('http://chat.test:80');
        $network->webSocket = new FakeWebSocket('the-secret', 'key');

        return $network;
    }

    private function travel(FakeNetwork $network): CheckResult
    {
        $context = $this->configured();

        return (new RoundTrip($context, new Probes($network, $context)))->run();
    }

    public function test_a_received_event_is_ok(): void
    {
        $network = $this->network();

        $this->assertOk($result = $this->travel($network));
        $this->assertMatchesRegularExpression('/received after \d+ ms$/', $result->subject);
        $this->assertTrue($network->webSocket->isClosed);
        $this->assertStringStartsWith('http://chat.test:80/apps/1/events?auth_key=key&', $network->published[0] ?? '');
    }

    public function test_an_event_that_is_accepted_and_not_received_is_a_problem(): void
    {
        $network = $this->network();
        $network->isDelivered = false;

        $this->assertFound(Status::Problem, 'different servers', 'same server', $result = $this->travel($network));
        $this->assertSame(Code::EventNotReceived, $result->code);
        $this->assertTrue($network->webSocket->isClosed);
    }

    public function test_a_rejected_subscription_is_a_problem(): void
    {
        $network = $this->network();
        $network->webSocket = new FakeWebSocket('another', 'key');

        $this->assertFound(Status::Problem, 'does not accept a private channel', 'same app', $this->travel($network));
    }

    public function test_a_rejected_event_is_a_problem(): void
    {
        $network = $this->network();
        $network->accepted = new Reply(405, [], 'no POST here');
        $this->assertFound(Status::Problem, '405: no POST here', 'POST', $result = $this->travel($network));
        $this->assertSame(Code::EventRefused, $result->code);

        $network = $this->network();
        $network->accepted = new Unreachable(ConnectionError::Silent);
        $this->assertFound(Status::Problem, 'no answer', 'POST', $this->travel($network));
    }

    public function test_without_a_working_connection_the_round_trip_is_not_judged(): void
    {
        $withoutBrowser = $this->network()->with('http://chat.test:80/app/', FakeNetwork::error(4001));
        $withoutPublisher = $this->network()->with('http://chat.test:80/apps/', new Reply(502));

        $this->assertFound(Status::Hint, 'cannot be reached as browser.', 'See browser.', $this->travel($withoutBrowser));
        $this->assertFound(Status::Hint, 'cannot be reached as publisher.', 'See publisher.', $this->travel($withoutPublisher));
        $this->assertFound(Status::Hint, 'cannot be reached as publisher and browser.', 'See publisher and browser.', $this->travel($withoutBrowser->with('http://chat.test:80/apps/', new Reply(502))));

        $network = $this->network();
        $network->unopened = new Reply(503);
        $this->assertFound(Status::Hint, 'Not tried', 'again', $result = $this->travel($network));
        $this->assertSame(Code::NotJudged, $result->code);
    }
}
