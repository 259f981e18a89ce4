<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use RuntimeException;

final class UnknownStub extends RuntimeException
{
    /**
     * @param  list<string>  $asked
     * @param  list<string>  $known
     */
    public function __construct(array $asked, array $known)
    {
        $fault = $asked === [] ? 'No stub was named.' : 'There is no stub called '.implode(', ', $asked).'.';

        parent::__construct("{$fault} There are ".implode(', ', $known).', and all.');
    }
}
