from camarad.ids import new_id, new_secret


def test_ids_sort_by_the_time_they_were_made():
    made = [new_id() for _ in range(200)]
    assert made == sorted(made)
    assert len(set(made)) == 200


def test_a_secret_carries_256_bits_and_is_url_safe():
    secret = new_secret()
    assert len(secret) == 43
    assert secret.replace("-", "").replace("_", "").isalnum()
